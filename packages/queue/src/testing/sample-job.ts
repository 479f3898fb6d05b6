import {
  type JobRequestInput,
  JobRequestSchema,
  type Limits,
  type Outcome,
  type Plan,
  type Result,
} from '@fumehood/schema';
import { requestText } from '../envelope/envelope.js';
import type { VerifiedJob } from '../envelope/verify-envelope.js';
import { resultWithoutRun } from '../result-without-run.js';
import type { Submission } from '../submit-job.js';

const DIGEST = `sha256:${'0'.repeat(64)}`;

const LIMITS: Limits = {
  wallTimeMs: 10_000,
  cpuTimeMs: 10_000,
  cpus: 1,
  memoryBytes: 256 * 1024 * 1024,
  pids: 64,
  workspaceBytes: 64 * 1024 * 1024,
  workspaceInodes: 4_096,
  openFiles: 256,
  fileSizeBytes: 64 * 1024 * 1024,
  outputBytes: 1024 * 1024,
  artifactCount: 16,
  artifactBytes: 16 * 1024 * 1024,
  inputBytes: 16 * 1024 * 1024,
};

export interface SampleOptions {
  readonly request?: Partial<JobRequestInput>;
  readonly tenant?: string;
  readonly weight?: number;
  readonly maxQueued?: number;
  readonly idempotencyKey?: string;
  readonly queueTimeoutMs?: number;
  readonly retentionMs?: number;
}

/** A submission as the API would make it. */
export function sampleSubmission(options: SampleOptions = {}): Submission {
  const request = JobRequestSchema.parse({ runtime: 'python', code: 'print(1)', ...options.request });
  const plan: Plan = {
    policy: { name: 'default', digest: DIGEST },
    runtime: request.runtime,
    entry: 'main.py',
    profile: {
      runtime: request.runtime,
      imageDigest: DIGEST,
      isolation: 'container',
      network: 'none',
      limits: LIMITS,
    },
    command: { argv: ['python3', 'main.py'], env: {}, artifacts: [], limits: LIMITS },
    limits: LIMITS,
    egress: [],
    lane: request.lane,
    queueTimeoutMs: options.queueTimeoutMs ?? 600_000,
    retentionMs: options.retentionMs ?? 600_000,
  };
  return {
    tenant: options.tenant ?? 'acme',
    weight: options.weight ?? 1,
    maxQueued: options.maxQueued ?? 100_000,
    request,
    plan,
    ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
  };
}

/** A result as a worker would give it. */
export function sampleResult(
  job: VerifiedJob,
  attempt: number,
  outcome: Outcome = { type: 'exited', exitCode: 0 },
): Result {
  const nowMs = Date.now();
  const known = {
    jobId: job.id,
    tenant: job.tenant,
    runtime: job.request.runtime,
    submittedAtMs: Date.parse(job.submittedAt),
    run: { attempt, claimedAtMs: nowMs, startedAtMs: nowMs },
  };
  return resultWithoutRun(known, outcome, 'Done.', nowMs);
}

/** A request whose JSON has about so many bytes. */
export const requestOfBytes = (bytes: number): Partial<JobRequestInput> => ({ code: 'é'.repeat(bytes / 2) });
export const textOf = (submission: Submission): string => requestText(submission.request);
