import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type ConnectOptions, connectQueue } from '../connect-queue.js';
import type { ConsumeOptions } from '../consumer/consume.js';
import type { Delivery } from '../consumer/delivery.js';
import type { JobQueue } from '../job-queue.js';
import type { Rejection } from '../rejection.js';
import type { QueueTuning } from '../tuning.js';
import { sampleResult } from './sample-job.js';
import { slots } from './slots.js';
import { type RedisProcess, startRedis } from './start-redis.js';

/** Times short enough for a test. Locks stay long: a busy machine may stop a process for a second. */
const QUICK: Partial<QueueTuning> = {
  lockRenewMs: 200,
  stalledIntervalMs: 300,
  janitorIntervalMs: 100,
  retryDelayMs: 20,
};

export type Handler = (delivery: Delivery) => Promise<void>;

/** For tests of what happens when a lock runs out. */
export const SHORT_LOCKS: Partial<QueueTuning> = { lockDurationMs: 2_000 };

/** Runs nothing: begins the job and says that it exited with 0. */
export const succeed: Handler = async (delivery) => {
  await delivery.begin();
  await delivery.end(sampleResult(delivery.job, delivery.attempt));
};

export interface TestWorker extends AsyncDisposable {
  readonly rejections: Rejection[];
  /** Drains; the second time, hurries. */
  stop(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface Fleet extends AsyncDisposable {
  readonly redis: RedisProcess;
  /** For looking at Redis, and for tampering with it. */
  readonly raw: Redis;
  readonly queue: JobQueue;
  readonly signingKeys: ConnectOptions['signingKeys'];
  readonly tuning: Partial<QueueTuning>;
  /** Everything that `onFault` was told. */
  readonly faults: unknown[];
  connect(options?: Partial<ConnectOptions>): Promise<JobQueue>;
  work(handler?: Handler, options?: Partial<ConsumeOptions>): TestWorker;
}

/** A Redis, a queue on it, and as many workers as a test wants; disposal ends all of it. */
export async function startFleet(
  changed: Partial<QueueTuning> = {},
  settings: readonly string[] = [],
): Promise<Fleet> {
  const redis = await startRedis(settings);
  const tuning = { ...QUICK, ...changed };
  const signingKeys = { current: { id: 'k1', secret: randomBytes(32) }, accepted: [] };
  const faults: unknown[] = [];
  const queues: JobQueue[] = [];
  const workers: TestWorker[] = [];
  const raw = new Redis(redis.url, { maxRetriesPerRequest: null });
  raw.on('error', () => undefined);

  const connect = async (options: Partial<ConnectOptions> = {}) => {
    const queue = await connectQueue({
      redisUrl: redis.url,
      signingKeys,
      tuning,
      onFault: (error) => faults.push(error),
      ...options,
    });
    queues.push(queue);
    return queue;
  };
  const queue = await connect();
  return {
    redis,
    raw,
    queue,
    signingKeys,
    tuning,
    faults,
    connect,
    work(handler = succeed, options = {}) {
      const worker = startWorker(queue, handler, options);
      workers.push(worker);
      return worker;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.shutdown()));
      await Promise.all(queues.map((each) => each[Symbol.asyncDispose]()));
      raw.disconnect();
      await redis[Symbol.asyncDispose]();
    },
  };
}

let workerCount = 0;

function startWorker(queue: JobQueue, handler: Handler, options: Partial<ConsumeOptions> = {}): TestWorker {
  const drain = new AbortController();
  const hurry = new AbortController();
  const rejections: Rejection[] = [];
  const done = queue.consume(
    {
      workerId: `worker-${++workerCount}`,
      admission: slots(4),
      onRejected: (rejection) => void rejections.push(rejection),
      signal: drain.signal,
      shutdownSignal: hurry.signal,
      ...options,
    },
    handler,
  );
  const stop = async () => {
    drain.abort();
    await done;
  };
  const shutdown = async () => {
    hurry.abort();
    await stop();
  };
  return { rejections, stop, shutdown, [Symbol.asyncDispose]: shutdown };
}

/** Asks until the answer is not undefined; fails after a while. For what no event tells. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(20);
  }
  throw new Error(`it did not happen within ${timeoutMs} ms`);
}

/** A signal that a test cannot hang on. */
export const soon = (ms = 15_000): AbortSignal => AbortSignal.timeout(ms);
