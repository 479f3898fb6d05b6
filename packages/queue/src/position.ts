import type { Job } from '@fumehood/schema';
import type { ChainableCommander } from 'ioredis';
import { z } from 'zod';
import type { Keys } from './keys.js';

/** Where a job stands in the queue. The estimate counts on the fleet going on at the pace it had; null when it had none. */
export type Position = NonNullable<Job['queue']>;

export const positionOf = (position: number, intervalMs: number | null): Position => ({
  position,
  estimatedWaitMs: intervalMs === null ? null : Math.round((position + 1) * intervalMs),
});

/** Adds what `parsePosition` needs to a pipeline: three answers. */
export const askPosition = (pipeline: ChainableCommander, keys: Keys, jobId: string): ChainableCommander =>
  pipeline.zrank(keys.bull('prioritized'), jobId).llen(keys.bull('wait')).hget(keys.rate, 'intervalMs');

const Answers = z.tuple([z.number().nullable(), z.number(), z.coerce.number().nullable()]);

export function parsePosition(answers: readonly unknown[]): Position {
  const [rank, waiting, intervalMs] = Answers.parse(answers);
  return positionOf(rank === null ? 0 : rank + waiting, intervalMs);
}
