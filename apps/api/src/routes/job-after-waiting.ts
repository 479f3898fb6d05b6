import type { Job } from '@fumehood/schema';
import type { HeldRequest } from '../held-requests.js';
import type { ServerDeps } from '../server-deps.js';

/**
 * The job as it is once it has ended, or after `waitMs`, or when the client goes away or this server drains. Waiting is by
 * event: nothing polls. Going away ends the waiting and nothing else.
 */
export async function jobAfterWaiting(
  job: Job,
  waitMs: number,
  held: HeldRequest,
  { queue }: Pick<ServerDeps, 'queue'>,
): Promise<Job> {
  if (job.state === 'ended') return job;
  const timer = setTimeout(held.abort, waitMs);
  try {
    await queue.waitForResult(job.tenant, job.id, held.signal);
  } finally {
    clearTimeout(timer);
  }
  return (await queue.get(job.tenant, job.id)) ?? job;
}
