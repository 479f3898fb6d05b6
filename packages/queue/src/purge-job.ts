import { artifactBlobs } from './artifacts.js';
import type { QueueContext } from './queue-context.js';
import { dropScript } from './scripts/drop.js';

/** Forgets an ended job and all that belongs to it, as if it had never been. */
export async function purgeJob(
  context: QueueContext,
  tenant: string,
  jobId: string,
): Promise<'purged' | 'not_ended' | 'unknown'> {
  const blobs = await artifactBlobs(context, jobId);
  const { status } = await context.run(dropScript, { tenant, jobId });
  if (status !== 'dropped') return status;
  await context.blobs.delete([...blobs, context.keys.request(jobId)]);
  return 'purged';
}
