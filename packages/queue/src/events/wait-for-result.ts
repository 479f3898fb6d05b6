import type { Result } from '@fumehood/schema';
import { z } from 'zod';
import { execPipeline } from '../pipeline.js';
import type { QueueContext } from '../queue-context.js';
import { parseResult } from '../record.js';
import { follow } from './follow.js';

/** The job's result, as soon as there is one; undefined when the tenant has no such job, or the signal aborts first. */
export async function waitForResult(
  { redis, keys, notifications }: QueueContext,
  tenant: string,
  jobId: string,
  signal: AbortSignal,
): Promise<Result | undefined> {
  using watch = await notifications.watch(keys.notifyChannel(jobId));
  try {
    const found = await follow(watch, signal, async () => {
      const [answer] = await execPipeline(redis.pipeline().hmget(keys.record(jobId), 'tenant', 'result'));
      const [owner, text] = z.tuple([z.string().nullable(), z.string().nullable()]).parse(answer);
      if (owner !== tenant) return { result: undefined };
      return text === null ? undefined : { result: parseResult(jobId, text) };
    });
    return found.result;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}
