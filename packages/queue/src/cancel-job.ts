import { randomUUID } from 'node:crypto';
import type { QueueContext } from './queue-context.js';
import { asQueueError } from './queue-error.js';
import { knownOf, readRecord } from './record.js';
import { HINTS, resultWithoutRun } from './result-without-run.js';
import { cancelScript } from './scripts/cancel.js';

/** `canceled`: it was queued and has ended. `requested`: a worker has it and was told. */
export type CancelAnswer = 'canceled' | 'requested' | 'ended' | 'unknown';

export async function cancelJob(context: QueueContext, tenant: string, jobId: string): Promise<CancelAnswer> {
  const record = await readRecord(context.redis, context.keys, jobId);
  if (record?.tenant !== tenant) return 'unknown';
  const result = JSON.stringify(
    resultWithoutRun(knownOf(record), { type: 'canceled' }, HINTS.canceledInQueue),
  );
  const { status } = await context.run(cancelScript, { tenant, jobId, result, token: randomUUID() });
  if (status === 'canceled') await removeQueued(context, jobId);
  return status;
}

/** Removes a job that ended in the queue from BullMQ. One that a worker is just holding stays; its claim will find that it has ended. */
export async function removeQueued({ bull, blobs, keys }: QueueContext, jobId: string): Promise<void> {
  try {
    await Promise.all([bull.remove(jobId), blobs.delete([keys.request(jobId)])]);
  } catch (error) {
    throw asQueueError(error);
  }
}
