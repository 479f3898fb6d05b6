import { type WorkerHeartbeat, WorkerHeartbeatSchema } from '@fumehood/schema';
import { z } from 'zod';
import { execPipeline } from './pipeline.js';
import type { QueueContext } from './queue-context.js';
import { asQueueError } from './queue-error.js';

/** A worker that says nothing for this long is gone. */
export const HEARTBEAT_TTL_MS = 15_000;

type Registry = Pick<QueueContext, 'redis' | 'keys'>;

export async function writeHeartbeat({ redis, keys }: Registry, heartbeat: WorkerHeartbeat): Promise<void> {
  const pipeline = redis
    .pipeline()
    .set(keys.worker(heartbeat.workerId), JSON.stringify(heartbeat), 'PX', HEARTBEAT_TTL_MS)
    .zadd(keys.workers, Date.parse(heartbeat.at), heartbeat.workerId);
  await execPipeline(pipeline);
}

export async function retireWorker({ redis, keys }: Registry, workerId: string): Promise<void> {
  await execPipeline(redis.pipeline().del(keys.worker(workerId)).zrem(keys.workers, workerId));
}

/** The workers that live. Those that went without a word are taken out of the index on the way. */
export async function readWorkers({ redis, keys }: Registry): Promise<WorkerHeartbeat[]> {
  try {
    const ids = await redis.zrange(keys.workers, '0', '-1');
    if (ids.length === 0) return [];
    const texts = z.array(z.string().nullable()).parse(await redis.mget(ids.map((id) => keys.worker(id))));
    const gone = ids.filter((_, index) => texts[index] === null);
    if (gone.length > 0) await redis.zrem(keys.workers, ...gone);
    return texts.flatMap((text) => parseHeartbeat(text) ?? []);
  } catch (error) {
    throw asQueueError(error);
  }
}

/** Undefined also for a worker of a version whose heartbeats this one does not understand. */
function parseHeartbeat(text: string | null): WorkerHeartbeat | undefined {
  return text === null ? undefined : WorkerHeartbeatSchema.safeParse(JSON.parse(text)).data;
}
