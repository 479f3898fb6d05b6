import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { removeQueued } from './cancel-job.js';
import { purgeJob } from './purge-job.js';
import type { QueueContext } from './queue-context.js';
import { isUnavailable } from './queue-error.js';
import { knownOf, readRecord } from './record.js';
import { HINTS, resultWithoutRun } from './result-without-run.js';
import { endScript } from './scripts/end.js';
import { SWEEP_LIMIT, sweepScript } from './scripts/sweep.js';

/**
 * Does what time makes due: queued jobs past their deadline end as expired, also when no worker could take them; jobs past their retention
 * are forgotten; half-made submissions and jobs that BullMQ has no longer are settled. Every process of the fleet runs one; in each interval
 * Redis lets one of them work.
 */
export function startJanitor(context: QueueContext): AsyncDisposable {
  const stop = new AbortController();
  const sweeper = randomUUID();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      // A Redis that is away is everybody's to notice; the connection reports it.
      const more = await sweep(context, sweeper).catch((error) => {
        if (!isUnavailable(error)) context.onFault(error);
        return false;
      });
      if (more) continue;
      await delay(context.tuning.janitorIntervalMs, undefined, { signal: stop.signal, ref: false }).catch(
        () => undefined,
      );
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
    },
  };
}

/** Resolves to whether there is more to do at once. */
async function sweep(context: QueueContext, sweeper: string): Promise<boolean> {
  const { janitorIntervalMs, submissionTimeoutMs, liveCheckMs } = context.tuning;
  const due = await context.run(sweepScript, {
    sweeper,
    // Shorter than the interval by a little, or clocks that run alike would find it taken every other time.
    intervalMs: Math.max(1, Math.floor(janitorIntervalMs * 0.9)),
    submissionTimeoutMs,
    liveCheckMs,
  });
  for (const jobId of due.overdue) await endUnrun(context, jobId, 'queued', { type: 'expired' });
  for (const jobId of due.vanished) await endUnrun(context, jobId, 'live', { type: 'lost' });
  await context.blobs.delete(due.abandoned.map(context.keys.request));
  for (const { tenant, jobId } of due.expired) await purgeJob(context, tenant, jobId);
  return [due.overdue, due.expired, due.abandoned].some((list) => list.length === SWEEP_LIMIT);
}

async function endUnrun(
  context: QueueContext,
  jobId: string,
  by: 'queued' | 'live',
  outcome: { readonly type: 'expired' | 'lost' },
): Promise<void> {
  const record = await readRecord(context.redis, context.keys, jobId);
  if (record === undefined) return;
  const hint = outcome.type === 'expired' ? HINTS.expired : record.began > 0 ? HINTS.lost : HINTS.vanished;
  const result = JSON.stringify(resultWithoutRun(knownOf(record), outcome, hint));
  const { status } = await context.run(endScript, {
    jobId,
    by,
    outcome: outcome.type,
    result,
    token: randomUUID(),
  });
  if (status === 'accepted') await removeQueued(context, jobId);
}
