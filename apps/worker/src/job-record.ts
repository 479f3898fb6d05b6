import type { Delivery } from '@fumehood/queue';
import type { OutputStream, RunIo, RunResult, Sandbox } from '@fumehood/sandbox';
import type { Artifact, Evidence, Outcome, Output, Result, Timings } from '@fumehood/schema';
import type { Decision } from './decide.js';
import { hintFor } from './hint.js';
import { recordOutput } from './output-recorder.js';

/** Artifact paths of the whole output, for when head and tail do not hold it. */
const FULL_OUTPUT: Readonly<Record<OutputStream, string>> = {
  stdout: '.fumehood/stdout',
  stderr: '.fumehood/stderr',
};

/** All that becomes known of a job on this worker, and in the end its result. */
export interface JobRecord {
  acquired(sandbox: Sandbox): void;
  ran(run: RunResult): void;
  /** From here on the command may have begun. */
  begins(): void;
  hasBegun(): boolean;
  readonly onOutput: RunIo['onOutput'];
  readonly onArtifact: RunIo['onArtifact'];
  /** Ends the output streams and states the result. */
  result(outcome: Outcome): Promise<Result>;
}

export function openRecord(delivery: Delivery, decision: Decision, workerId: string): JobRecord {
  const artifacts: Artifact[] = [];
  const spool = (stream: OutputStream) => async (content: AsyncIterable<Uint8Array>) => {
    const path = FULL_OUTPUT[stream];
    const stored = await delivery.storeArtifact(path, content);
    artifacts.push({ path, ...stored });
    return { path };
  };
  const streams = { stdout: recordOutput(spool('stdout')), stderr: recordOutput(spool('stderr')) };
  const openedAt = performance.now();
  let acquired: { readonly sandbox: Sandbox; readonly at: Date; readonly ms: number } | undefined;
  let run: RunResult | undefined;
  let begun = false;

  return {
    acquired(sandbox) {
      acquired = { sandbox, at: new Date(), ms: performance.now() - openedAt };
    },
    ran(result) {
      run = result;
    },
    begins() {
      begun = true;
    },
    hasBegun: () => begun,
    async onOutput(stream, chunk) {
      await Promise.all([streams[stream].write(chunk), delivery.output(stream, chunk)]);
    },
    async onArtifact(path, _bytes, content) {
      artifacts.push({ path, ...(await delivery.storeArtifact(path, content)) });
    },
    async result(outcome) {
      const [stdout, stderr] = await Promise.all([
        streams.stdout.finish(),
        streams.stderr.finish(),
        delivery.flush(),
      ]);
      const evidence = evidenceOf(decision, acquired?.sandbox, run, workerId);
      const limits = 'plan' in decision ? { limits: decision.plan.limits, ceilings: decision.ceilings } : {};
      return {
        jobId: delivery.job.id,
        tenant: delivery.job.tenant,
        runtime: 'plan' in decision ? decision.plan.runtime : delivery.job.request.runtime,
        attempt: delivery.attempt,
        outcome,
        hint: hintFor(outcome, {
          ...limits,
          ...(evidence === null ? {} : { exit: evidence.exit, usage: evidence.usage }),
        }),
        stdout: stdout satisfies Output,
        stderr: stderr satisfies Output,
        artifacts,
        skippedArtifacts: run === undefined ? [] : [...run.skippedArtifacts],
        timings: timingsOf(delivery, acquired, run),
        evidence,
      };
    },
  };
}

function evidenceOf(
  decision: Decision,
  sandbox: Sandbox | undefined,
  run: RunResult | undefined,
  workerId: string,
): Evidence | null {
  if (!('plan' in decision) || sandbox === undefined || run === undefined) return null;
  return {
    exit: run.exit,
    usage: {
      ...run.usage,
      wallTimeMs: toMicroseconds(run.usage.wallTimeMs),
      cpuTimeMs: toMicroseconds(run.usage.cpuTimeMs),
    },
    limits: decision.plan.limits,
    isolation: sandbox.isolation,
    imageDigest: decision.plan.profile.imageDigest,
    policy: decision.plan.policy,
    workerId,
    sandboxId: sandbox.id,
  };
}

function timingsOf(
  delivery: Delivery,
  acquired: { readonly at: Date; readonly ms: number } | undefined,
  run: RunResult | undefined,
): Timings {
  return {
    submittedAt: delivery.job.submittedAt,
    claimedAt: delivery.claimedAt,
    acquiredAt: acquired?.at.toISOString() ?? null,
    startedAt: run?.startedAt.toISOString() ?? null,
    firstOutputAt: run?.firstOutputAt?.toISOString() ?? null,
    finishedAt: (run?.finishedAt ?? new Date()).toISOString(),
    phasesMs: {
      queue: delivery.queuedMs,
      acquire: orNull(acquired?.ms),
      files: orNull(run?.phasesMs.files),
      run: orNull(run?.phasesMs.run),
      collect: orNull(run?.phasesMs.collect),
    },
  };
}

/** A clock's noise is left out: three digits of a millisecond are kept. */
const toMicroseconds = (ms: number) => Math.round(ms * 1_000) / 1_000;
const orNull = (ms: number | undefined) => (ms === undefined ? null : toMicroseconds(ms));
