import { z } from 'zod';
import { execPipeline } from './pipeline.js';
import type { QueueContext } from './queue-context.js';

/** How many jobs are where. */
export interface Depth {
  readonly queued: number;
  readonly assigned: number;
  readonly running: number;
  readonly deadLettered: number;
  /** Queued jobs of each tenant that has any. */
  readonly byTenant: Record<string, number>;
}

const Answers = z.tuple([
  z.array(z.coerce.number().nullable()),
  z.record(z.string(), z.coerce.number()),
  z.number(),
]);

export async function readDepth({ redis, keys }: QueueContext): Promise<Depth> {
  const answers = await execPipeline(
    redis
      .pipeline()
      .hmget(keys.counts, 'queued', 'assigned', 'running')
      .hgetall(keys.queuedByTenant)
      .xlen(keys.deadLetters),
  );
  const [[queued, assigned, running], byTenant, deadLettered] = Answers.parse(answers);
  return { queued: queued ?? 0, assigned: assigned ?? 0, running: running ?? 0, deadLettered, byTenant };
}
