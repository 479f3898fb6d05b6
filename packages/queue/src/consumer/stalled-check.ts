import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueContext } from '../queue-context.js';
import { asQueueError } from '../queue-error.js';

/**
 * Lets BullMQ take back jobs whose workers renew no more; Redis lets one worker of the fleet look in each interval.
 *
 * When Redis itself was away every lock has run out, though the workers live. So that they can take their locks again,
 * nobody looks until a lock's duration after Redis came back: after a reconnect of our own, or when Redis has only just started.
 */
export function startStalledCheck(
  worker: Worker,
  redis: Redis,
  { tuning, onFault }: Pick<QueueContext, 'tuning' | 'onFault'>,
): AsyncDisposable {
  const stop = new AbortController();
  let quietUntilMs = 0;
  const beQuiet = () => {
    quietUntilMs = performance.now() + tuning.lockDurationMs;
  };
  redis.on('ready', beQuiet);

  const check = async (): Promise<void> => {
    if (performance.now() < quietUntilMs) return;
    await worker.getBackend().moveStalledJobsToWait();
  };

  const loop = (async () => {
    if (await isYoung(redis, tuning.lockDurationMs).catch(() => true)) beQuiet();
    while (!stop.signal.aborted) {
      await check().catch((error) => onFault(asQueueError(error)));
      await delay(tuning.stalledIntervalMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();

  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      redis.off('ready', beQuiet);
      await loop;
    },
  };
}

async function isYoung(redis: Redis, ageMs: number): Promise<boolean> {
  const uptime = /^uptime_in_seconds:(\d+)/m.exec(await redis.info('server'))?.[1];
  return Number(uptime ?? 0) * 1000 < ageMs;
}
