import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Fleet, soon, startFleet } from './testing/fleet.js';
import { sampleResult, sampleSubmission } from './testing/sample-job.js';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('an artifact', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  /** Runs a job that stores these files. */
  const store = async (files: Record<string, Uint8Array>, chunkBytes = 65_536) => {
    await using _worker = fleet.work(async ({ job, attempt, begin, storeArtifact, end }) => {
      await begin();
      for (const [path, bytes] of Object.entries(files)) {
        const stored = await storeArtifact(path, pieces(bytes, chunkBytes));
        expect(stored).toEqual({ bytes: bytes.length, digest: sha256(bytes) });
      }
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.queue.waitForResult('acme', jobId, soon());
    return jobId;
  };

  it.each([0, 1, 262_143, 262_144, 262_145, 3_000_000])('of %i bytes comes back as it was', async (size) => {
    const bytes = randomBytes(size);
    const jobId = await store({ 'out.bin': bytes });
    const artifact = await fleet.queue.artifact('acme', jobId, 'out.bin');
    expect(artifact).toMatchObject({ bytes: size, digest: sha256(bytes) });
    if (artifact !== undefined) expect((await all(artifact.content)).equals(bytes)).toBe(true);
  });

  it('may have any path, and no path means anything to Redis', async () => {
    const paths = [
      'a b',
      'ü/ñ.png',
      '{x}:record:*',
      '-- DEL',
      '"q"\'',
      '__proto__',
      '.fumehood/stdout',
      '𝄞'.repeat(100),
    ];
    const files = Object.fromEntries(paths.map((path, index) => [path, Buffer.from([index])]));
    Object.defineProperty(files, '__proto__', { value: Buffer.from([5]), enumerable: true });
    const jobId = await store(files);
    for (const [index, path] of paths.entries()) {
      const artifact = await fleet.queue.artifact('acme', jobId, path);
      expect(artifact && [...(await all(artifact.content))], path).toEqual([index]);
    }
    expect(await fleet.raw.keys(`{fumehood}:blob:${jobId}:*`)).toHaveLength(paths.length);
  });

  it('is not there under another path, for another job, or for another tenant', async () => {
    const jobId = await store({ here: Buffer.from('x') });
    expect(await fleet.queue.artifact('acme', jobId, 'there')).toBeUndefined();
    expect(await fleet.queue.artifact('acme', `job_${'0'.repeat(26)}`, 'here')).toBeUndefined();
    expect(await fleet.queue.artifact('other', jobId, 'here')).toBeUndefined();
  });

  it('that lost a piece says so instead of ending early', async () => {
    const jobId = await store({ big: randomBytes(1_000_000) });
    const artifact = await fleet.queue.artifact('acme', jobId, 'big');
    const [blob = ''] = await fleet.raw.keys(`{fumehood}:blob:${jobId}:*`);
    await fleet.raw.hdel(blob, '2');
    await expect(all(artifact?.content ?? pieces(Buffer.alloc(0), 1))).rejects.toMatchObject({
      code: 'corrupt',
    });
  });

  it('of an attempt that decides no more is refused, and gone', async () => {
    let refusal: unknown;
    await using _worker = fleet.work(async ({ job, attempt, begin, storeArtifact, end }) => {
      await begin();
      await end(sampleResult(job, attempt));
      refusal = await storeArtifact('late', pieces(Buffer.from('x'), 1)).catch((error: unknown) => error);
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(() => refusal);
    expect(refusal).toMatchObject({ code: 'fenced' });
    expect(await fleet.raw.keys(`{fumehood}:blob:${jobId}:*`)).toEqual([]);
  });
});
