import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCode, Job, type Worker } from 'bullmq';
import { z } from 'zod';
import type { QueueContext } from '../queue-context.js';
import { asQueueError } from '../queue-error.js';
import { heldUnderScript } from '../scripts/held-under.js';
import { pulseScript } from '../scripts/pulse.js';
import { requeueScript } from '../scripts/requeue.js';
import { retakeScript } from '../scripts/retake.js';
import { JobAbort, type JobAbortCode } from './job-abort.js';

/** A BullMQ job that this worker holds: its lock is renewed until it is completed, handed back, or lost. */
export interface Lease {
  /** BullMQ's id, which anybody with access to Redis chose. */
  readonly jobId: string;
  readonly payload: unknown;
  readonly token: string;
  /** Aborts with a JobAbort. */
  readonly signal: AbortSignal;
  /** The attempt that was claimed; 0 before. */
  attempt: number;
  /** Set while the attempt decides about the job, so that its own decision is not taken for another's. */
  isDeciding: boolean;
  abort(code: JobAbortCode): void;
  /** BullMQ forgets the job. */
  complete(): Promise<void>;
  /** BullMQ gives the job to the next worker that asks, before all others; after a while, if one is given. */
  handBack(delayMs: number): Promise<void>;
  /** Renews the lock no more: when it has run out BullMQ gives the job to another worker. */
  abandon(): void;
}

export interface Leases extends AsyncDisposable {
  /** The next job; undefined when there was none for some seconds, or the wait was interrupted. */
  fetch(): Promise<Lease | undefined>;
  /** Ends a wait for jobs that is under way. */
  interrupt(): Promise<void>;
  abort(jobId: string, code: JobAbortCode): void;
  abortAll(code: JobAbortCode): void;
  /** Renews all locks now, not when it is time. */
  renew(): Promise<void>;
}

type LeaseContext = Pick<QueueContext, 'run' | 'tuning' | 'onFault'>;

export function createLeases(worker: Worker, { run, tuning, onFault }: LeaseContext): Leases {
  const held = new Map<string, Lease>();
  const stop = new AbortController();

  const release = async (lease: Lease, give: () => Promise<unknown>): Promise<void> => {
    held.delete(lease.jobId);
    try {
      await give();
    } catch (error) {
      if (!isNotOurs(error)) throw asQueueError(error);
    }
  };

  const leaseOf = (job: Job, token: string): Lease => {
    const jobId = job.id ?? '';
    const controller = new AbortController();
    const lease: Lease = {
      jobId,
      payload: job.data,
      token,
      signal: controller.signal,
      attempt: 0,
      isDeciding: false,
      abort: (code) => controller.abort(new JobAbort(code)),
      complete: () => release(lease, () => job.moveToCompleted(null, token, false)),
      handBack: (delayMs) =>
        release(lease, async () => {
          await run(requeueScript, { jobId });
          const backend = worker.getBackend();
          if (delayMs > 0)
            await backend.moveToDelayed(jobId, Date.now(), delayMs, token, { skipAttempt: true });
          else await backend.retryJob(jobId, true, token);
        }),
      abandon: () => held.delete(jobId),
    };
    held.set(jobId, lease);
    return lease;
  };

  const renew = async (): Promise<void> => {
    const leases = [...held.values()];
    if (leases.length === 0) return;
    const ids = leases.map(({ jobId }) => jobId);
    const tokens = leases.map(({ token }) => token);
    const lost = new Set(await worker.extendJobLocks(ids, tokens, tuning.lockDurationMs));
    const pulses = await run(
      pulseScript,
      leases.map(({ jobId, attempt }) => ({ jobId, attempt })),
    );
    for (const [index, lease] of leases.entries()) {
      const { jobId, attempt, token } = lease;
      if (lease.isDeciding || held.get(jobId) !== lease) continue;
      if (pulses[index] === 'canceled') lease.abort('canceled');
      if (pulses[index] !== 'fenced' && lost.has(jobId)) {
        const { retaken } = await run(retakeScript, {
          jobId,
          attempt,
          token,
          lockDurationMs: tuning.lockDurationMs,
        });
        if (retaken) lost.delete(jobId);
      }
      if (pulses[index] === 'fenced' || lost.has(jobId)) {
        held.delete(jobId);
        lease.abort('lock_lost');
      }
    }
  };

  const loop = (async () => {
    while (!stop.signal.aborted) {
      await delay(tuning.lockRenewMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (!stop.signal.aborted) await renew().catch((error) => onFault(asQueueError(error)));
    }
  })();

  return {
    async fetch() {
      const token = randomUUID();
      try {
        const job = await worker.getNextJob(token, { block: true });
        return job === undefined ? undefined : leaseOf(job, token);
      } catch (error) {
        const { jobId } = await run(heldUnderScript, { token });
        if (jobId === null) throw asQueueError(error);
        // Its data is not even JSON. It is held all the same, and must be got rid of.
        return leaseOf(new Job(worker, 'unreadable', undefined, { removeOnComplete: true }, jobId), token);
      }
    },
    async interrupt() {
      await worker.getBackend().disconnectBlocking(false);
    },
    abort: (jobId, code) => held.get(jobId)?.abort(code),
    abortAll: (code) => {
      for (const lease of held.values()) lease.abort(code);
    },
    renew,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
    },
  };
}

/** Somebody else has the job, or nobody: nothing is left to give back. */
const NOT_OURS: readonly number[] = [
  ErrorCode.JobNotExist,
  ErrorCode.JobLockNotExist,
  ErrorCode.JobNotInState,
  ErrorCode.JobLockMismatch,
];
const CodedError = z.object({ code: z.number() });

function isNotOurs(error: unknown): boolean {
  const coded = CodedError.safeParse(error);
  return coded.success && NOT_OURS.includes(coded.data.code);
}
