import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Result, ResultSchema } from '@fumehood/schema';
import { storeArtifact } from '../artifacts.js';
import { isStoredApart } from '../envelope/envelope.js';
import type { VerifiedJob } from '../envelope/verify-envelope.js';
import { createLiveOutput } from '../events/live-output.js';
import type { QueueContext } from '../queue-context.js';
import { isUnavailable, QueueError } from '../queue-error.js';
import { HINTS, resultWithoutRun } from '../result-without-run.js';
import { beginScript } from '../scripts/begin.js';
import type { Claimed } from '../scripts/claim.js';
import { endScript } from '../scripts/end.js';
import { retryScript } from '../scripts/retry.js';
import { writeOutputScript } from '../scripts/write-output.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from './delivery.js';
import { JobAbort } from './job-abort.js';
import type { Lease } from './leases.js';

export interface Attempt {
  readonly delivery: Delivery;
  /** Decides what the handler left undecided: not begun, the job is tried again; begun, it is lost, or runs again if it said that it may. */
  settle(): Promise<void>;
}

/** Live output kept of a job. */
const MAX_LIVE_BYTES = 1024 * 1024;
const RETRY_END_MS = 500;

export function createAttempt(
  context: QueueContext,
  lease: Lease,
  job: VerifiedJob,
  claimed: Claimed,
): Attempt {
  const { run, tuning, onFault } = context;
  const jobId = job.id;
  const attempt = claimed.attempt;
  let phase: 'assigned' | 'running' | 'decided' = 'assigned';
  let startedAtMs: number | null = null;
  let sequence = 0;

  const live = createLiveOutput(async (entries) => {
    sequence++;
    return (await run(writeOutputScript, { jobId, attempt, sequence, maxBytes: MAX_LIVE_BYTES, entries }))
      .status;
  }, onFault);

  const end = async (result: Result): Promise<'accepted' | 'refused'> => {
    const text = JSON.stringify(ResultSchema.parse(result));
    await live.flush();
    lease.isDeciding = true;
    const status = await endJob(context, { jobId, by: attempt, outcome: result.outcome.type, result: text });
    phase = 'decided';
    live.close();
    const request = isStoredApart(job.requestBytes) ? [context.keys.request(jobId)] : [];
    // The result stands. A BullMQ job that stays behind is found ended by whoever fetches it.
    await Promise.all([lease.complete(), context.blobs.delete(request)]).catch(onFault);
    return status;
  };

  const endLost = (hint: string): Promise<unknown> => {
    const run = startedAtMs === null ? null : { attempt, claimedAtMs: claimed.claimedAtMs, startedAtMs };
    return end(resultWithoutRun({ jobId, ...claimed, run }, { type: 'lost' }, hint));
  };

  const retry = async (failed: boolean): Promise<void> => {
    lease.isDeciding = true;
    const { status, failures } = await run(retryScript, {
      jobId,
      attempt,
      failed,
      maxFailures: tuning.maxFailures,
    });
    if (status === 'exhausted') {
      await endLost(HINTS.exhausted);
      return;
    }
    phase = 'decided';
    live.close();
    if (status === 'fenced')
      throw new QueueError('fenced', `Attempt ${attempt} of ${jobId} cannot hand it back`);
    await lease.handBack(failed ? tuning.retryDelayMs * 4 ** (failures - 1) : 0);
  };

  const delivery: Delivery = {
    job,
    attempt,
    claimedAt: timestamp(claimed.claimedAtMs),
    queuedMs: Math.max(0, claimed.claimedAtMs - claimed.submittedAtMs),
    signal: lease.signal,
    async begin() {
      const { status, nowMs } = await run(beginScript, { jobId, attempt });
      if (status !== 'begun') {
        throw new QueueError('fenced', `Attempt ${attempt} of ${jobId} may not begin: ${status}`);
      }
      phase = 'running';
      startedAtMs = nowMs;
    },
    output: live.write,
    flush: live.flush,
    storeArtifact: (path, content) =>
      storeArtifact(context, { jobId, attempt, retentionMs: claimed.retentionMs }, path, content),
    end,
    retry: () => retry(true),
  };

  return {
    delivery,
    async settle() {
      if (phase === 'decided') return;
      const why = lease.signal.reason instanceof JobAbort ? lease.signal.reason.code : undefined;
      if (why === 'lock_lost') live.close();
      else if (phase === 'assigned') await retry(why !== 'shutdown');
      else if (!job.request.retryOnLoss) await endLost(HINTS.lost);
      else {
        live.close();
        await lease.handBack(0);
      }
    },
  };
}

/** Ends a job by its attempt; keeps trying while Redis is away. One token for all tries: the first that came through counts. */
export async function endJob(
  { run, tuning }: Pick<QueueContext, 'run' | 'tuning'>,
  ending: { readonly jobId: string; readonly by: number; readonly outcome: string; readonly result: string },
): Promise<'accepted' | 'refused'> {
  const token = randomUUID();
  const giveUpAt = performance.now() + tuning.endTimeoutMs;
  for (;;) {
    try {
      return (await run(endScript, { ...ending, token })).status;
    } catch (error) {
      if (!isUnavailable(error) || performance.now() > giveUpAt) throw error;
      await delay(RETRY_END_MS);
    }
  }
}
