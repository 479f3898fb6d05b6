import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { execPipeline } from '../pipeline.js';
import { asQueueError, QueueError } from '../queue-error.js';
import type { BlobStore } from './blob-store.js';
import { rechunk } from './rechunk.js';

const PIECE_BYTES = 256 * 1024;

/**
 * Blobs as Redis hashes of numbered pieces. A piece that a reconnecting client sends twice overwrites itself.
 * One piece is in memory at a time, on the way in as on the way out.
 */
export function redisBlobStore(redis: Redis): BlobStore {
  return {
    async put(key, content, ttlMs) {
      const hash = createHash('sha256');
      let bytes = 0;
      let index = 0;
      for await (const piece of rechunk(content, PIECE_BYTES)) {
        hash.update(piece);
        bytes += piece.byteLength;
        const pipeline = redis.pipeline();
        if (index === 0) pipeline.del(key);
        await execPipeline(pipeline.hset(key, index, piece).pexpire(key, ttlMs));
        index++;
      }
      return { bytes, digest: `sha256:${hash.digest('hex')}` };
    },

    async *get(key, bytes) {
      let left = bytes;
      for (let index = 0; left > 0; index++) {
        const piece = await readPiece(redis, key, index);
        if (piece === null || piece.byteLength > left)
          throw new QueueError('corrupt', `The blob ${key} is not there in full`);
        left -= piece.byteLength;
        yield piece;
      }
    },

    async delete(keys) {
      try {
        if (keys.length > 0) await redis.unlink(...keys);
      } catch (error) {
        throw asQueueError(error);
      }
    },
  };
}

async function readPiece(redis: Redis, key: string, index: number): Promise<Buffer | null> {
  try {
    return await redis.hgetBuffer(key, String(index));
  } catch (error) {
    throw asQueueError(error);
  }
}
