import { setTimeout as delay } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { asQueueError, QueueError } from './queue-error.js';

/** `fail`: a command fails at once while Redis is away. `wait`: it waits, for as long as it takes, and is sent again after a reconnect. */
export type Patience = 'fail' | 'wait';

const CONNECT_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
const LONGEST_RETRY_MS = 1_000;

const OPTIONS = {
  fail: { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5_000 },
  wait: { maxRetriesPerRequest: null, enableOfflineQueue: true },
} satisfies Record<Patience, RedisOptions>;

/**
 * A client that reconnects by itself. Resolves when it is connected; rejects with QueueError `unavailable` when that takes too long.
 * @param url `redis://`, `rediss://`, or the absolute path of a unix socket
 * @param onFault told of every failure of the connection; commands report their own
 */
export async function connectRedis(
  url: string,
  patience: Patience,
  onFault: (error: unknown) => void,
): Promise<Redis> {
  const redis = new Redis(url, {
    ...OPTIONS[patience],
    lazyConnect: true,
    // Channels are subscribed again by notifications.ts, which must know when.
    autoResubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(25 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
  });
  redis.on('error', (error) => onFault(asQueueError(error)));
  try {
    await ready(redis);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

function ready(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new QueueError('unavailable', `Redis did not accept a connection within ${CONNECT_TIMEOUT_MS} ms`),
      );
    }, CONNECT_TIMEOUT_MS);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
    // The first refusal is final only when the retries do not help before the timer.
    redis.connect().catch(() => undefined);
  });
}

/** Closes a client within two seconds, whether or not Redis answers; what still waits for it fails with `unavailable`. */
export async function closeRedis(redis: Redis): Promise<void> {
  // A client that waits for its next attempt to connect cannot be disconnected: it would keep its commands waiting for ever.
  // So it makes that attempt, and no other one.
  redis.options.retryStrategy = () => null;
  const ended = new Promise<void>((resolve) => {
    redis.once('end', resolve);
  });
  if (redis.status === 'ready') redis.quit().catch(() => undefined);
  else if (redis.status !== 'reconnecting') redis.disconnect();
  if (redis.status !== 'end') await Promise.race([ended, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  redis.disconnect();
}
