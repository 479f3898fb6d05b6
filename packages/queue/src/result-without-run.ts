import type { Outcome, Output, Result } from '@fumehood/schema';
import { timestamp } from './timestamp.js';

const NOTHING: Output = { encoding: 'utf8', head: '', tail: '', totalBytes: 0, omittedBytes: 0 };

export interface KnownOfJob {
  readonly jobId: string;
  readonly tenant: string;
  readonly runtime: string;
  readonly submittedAtMs: number;
  /** The attempt that began, when one did. */
  readonly run: BegunRun | null;
}

interface BegunRun {
  readonly attempt: number;
  readonly claimedAtMs: number;
  readonly startedAtMs: number;
}

/** The result of a job that no run gave one: it never ran, or how its run ended is unknown. */
export function resultWithoutRun(
  job: KnownOfJob,
  outcome: Outcome,
  hint: string,
  nowMs = Date.now(),
): Result {
  const { run, submittedAtMs } = job;
  return {
    jobId: job.jobId,
    tenant: job.tenant,
    runtime: job.runtime,
    attempt: run?.attempt ?? 0,
    outcome,
    hint,
    stdout: NOTHING,
    stderr: NOTHING,
    artifacts: [],
    skippedArtifacts: [],
    timings: {
      submittedAt: timestamp(submittedAtMs),
      claimedAt: run && timestamp(run.claimedAtMs),
      acquiredAt: null,
      startedAt: run && timestamp(run.startedAtMs),
      firstOutputAt: null,
      finishedAt: timestamp(Math.max(nowMs, submittedAtMs)),
      phasesMs: {
        queue: run && Math.max(0, run.claimedAtMs - submittedAtMs),
        acquire: null,
        files: null,
        run: null,
        collect: null,
      },
    },
    evidence: null,
  };
}

/** Why a job ended without a run that could say so; one sentence to act on. */
export const HINTS = {
  canceledInQueue: 'The job was canceled before it started; submit it again if it is still wanted.',
  canceledWhileLost:
    'The job was canceled; the worker that had begun it was lost meanwhile, so what the code did until then is unknown.',
  expired:
    'The job waited longer than its queue timeout; submit it again with a longer queueTimeoutMs, or when the fleet is less busy.',
  lost: 'The worker was lost after the code had begun, so how it ended is unknown; run it again if that is safe, and set retryOnLoss for idempotent code.',
  exhausted:
    'Our infrastructure failed several times before the job could run; it is not the fault of your code, submit it again.',
  vanished: 'Our queue lost the job before it could run; it is not the fault of your code, submit it again.',
  rejected:
    'What the worker received is not what was submitted, so it was not run; submit it again and tell the operator.',
} as const;
