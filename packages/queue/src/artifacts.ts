import { z } from 'zod';
import type { StoredBlob } from './blobs/blob-store.js';
import { execPipeline } from './pipeline.js';
import type { QueueContext } from './queue-context.js';
import { QueueError } from './queue-error.js';
import { addArtifactScript } from './scripts/add-artifact.js';

const EntrySchema = z.object({ bytes: z.number(), digest: z.string(), blob: z.string() });
const parseEntry = (text: string) => EntrySchema.parse(JSON.parse(text));

/** Blobs outlive their job's retention by this much; the janitor removes them with the job before. */
const BLOB_GRACE_MS = 3_600_000;

export interface ArtifactContent extends StoredBlob {
  readonly content: AsyncIterable<Uint8Array>;
}

/** Stores one artifact of a running attempt. Throws QueueError `fenced` when the attempt decides no more. */
export async function storeArtifact(
  { blobs, keys, run }: Pick<QueueContext, 'blobs' | 'keys' | 'run'>,
  owner: { readonly jobId: string; readonly attempt: number; readonly retentionMs: number },
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<StoredBlob> {
  const blob = keys.blob(owner.jobId, owner.attempt, path);
  const stored = await blobs.put(blob, content, owner.retentionMs + BLOB_GRACE_MS);
  const entry = JSON.stringify({ ...stored, blob });
  const { status } = await run(addArtifactScript, {
    jobId: owner.jobId,
    attempt: owner.attempt,
    path,
    entry,
  });
  if (status === 'added') return stored;
  await blobs.delete([blob]);
  throw new QueueError('fenced', `Attempt ${owner.attempt} of ${owner.jobId} may store nothing any more`);
}

/** An artifact of the tenant's job; undefined when there is none of that path, or no such job. */
export async function readArtifact(
  { redis, keys, blobs }: QueueContext,
  tenant: string,
  jobId: string,
  path: string,
): Promise<ArtifactContent | undefined> {
  const [owner, text] = await execPipeline(
    redis.pipeline().hget(keys.record(jobId), 'tenant').hget(keys.artifacts(jobId), path),
  );
  if (owner !== tenant || typeof text !== 'string') return undefined;
  const { bytes, digest, blob } = parseEntry(text);
  return { bytes, digest, content: blobs.get(blob, bytes) };
}

/** The keys of every blob that a job's artifacts are kept in. */
export async function artifactBlobs(
  { redis, keys }: Pick<QueueContext, 'redis' | 'keys'>,
  jobId: string,
): Promise<readonly string[]> {
  const [entries] = await execPipeline(redis.pipeline().hvals(keys.artifacts(jobId)));
  return z
    .array(z.string())
    .parse(entries)
    .map((text) => parseEntry(text).blob);
}
