import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { closeRedis } from '../connect-redis.js';
import { QUEUE_NAME } from '../keys.js';
import type { QueueContext } from '../queue-context.js';
import { asQueueError } from '../queue-error.js';
import type { Rejection } from '../rejection.js';
import type { Admission } from './admission.js';
import type { Delivery } from './delivery.js';
import { createLeases, type Lease, type Leases } from './leases.js';
import { admit, deliver, type Receiver } from './receive.js';
import { startStalledCheck } from './stalled-check.js';

export interface ConsumeOptions {
  readonly workerId: string;
  readonly admission: Admission;
  /** Told of every payload that was not run because it is not what the API submitted. Awaited. */
  readonly onRejected: (rejection: Rejection) => void | Promise<void>;
  /** Aborting it drains: nothing new is taken, what runs is finished. */
  readonly signal: AbortSignal;
  /** Aborting it, too, hurries: every delivery's signal aborts with `shutdown`. What has not begun is handed back. */
  readonly shutdownSignal?: AbortSignal | undefined;
}

/** A pause after a failure of ours in the loop, so that a lasting one does not spin. */
const FAULT_PAUSE_MS = 1_000;
/** How long a fetch waits for a job before it looks again by itself. */
const BLOCK_S = 5;
/** How long a fetch may take to notice that it was interrupted. */
const INTERRUPT_TIMEOUT_MS = 1_000;

/**
 * Takes jobs and gives them to the handler, many at a time as admission allows. Resolves when it was told to stop and all has ended.
 * @param context with a patient connection, which is this function's to close
 */
export async function consume(
  context: QueueContext,
  options: ConsumeOptions,
  handle: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  const { redis, tuning, onFault } = context;
  const worker = openWorker(context);
  const leases = createLeases(worker, context);
  const renew = () => void leases.renew().catch((error) => onFault(asQueueError(error)));
  redis.on('ready', renew);
  const stalledCheck = startStalledCheck(worker, redis, context);
  const cancels = await context.notifications.listen(context.keys.cancelChannel, {
    message: (jobId) => leases.abort(jobId, 'canceled'),
    gap: renew,
  });
  try {
    const running = new Set<Promise<void>>();
    await takeJobs({ ...options, context, handle }, leases, options.signal, running);
    await drained(running, leases, options.shutdownSignal, tuning.shutdownGraceMs);
  } finally {
    cancels[Symbol.dispose]();
    redis.off('ready', renew);
    await worker.close(true);
    await closeRedis(redis);
    await Promise.all([leases[Symbol.asyncDispose](), stalledCheck[Symbol.asyncDispose]()]);
  }
}

function openWorker({ redis, keys, tuning, onFault }: QueueContext): Worker {
  const worker = new Worker(QUEUE_NAME, null, {
    connection: redis,
    prefix: keys.prefix,
    autorun: false,
    drainDelay: BLOCK_S,
    lockDuration: tuning.lockDurationMs,
    stalledInterval: tuning.stalledIntervalMs,
    // Whether a job runs again is decided by its claim, never by BullMQ's count of stalls.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', (error) => onFault(asQueueError(error)));
  return worker;
}

/** The loop: room, fetch, admit, and the next one, while what was admitted runs. */
async function takeJobs(
  receiver: Receiver,
  leases: Leases,
  signal: AbortSignal,
  running: Set<Promise<void>>,
): Promise<void> {
  const { admission, context } = receiver;
  const interrupt = () => void leases.interrupt().catch(() => undefined);
  signal.addEventListener('abort', interrupt);
  while (!signal.aborted) {
    try {
      await admission.room(signal);
      const lease = await fetched(leases, signal);
      if (lease === undefined) continue;
      const admitted = await admit(receiver, lease, signal);
      if (admitted === undefined) continue;
      const delivered: Promise<void> = deliver(receiver, admitted).finally(() => running.delete(delivered));
      running.add(delivered);
    } catch (error) {
      if (signal.aborted) break;
      context.onFault(error);
      await delay(FAULT_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  signal.removeEventListener('abort', interrupt);
}

/** A fetched job; undefined also when the signal aborts and Redis does not let go of the fetch. What still comes then is handed back. */
async function fetched(leases: Leases, signal: AbortSignal): Promise<Lease | undefined> {
  const fetching = leases.fetch();
  const done = new AbortController();
  const givenUp = once(signal, 'abort', { signal: done.signal })
    .then(() => delay(INTERRUPT_TIMEOUT_MS, undefined, { signal: done.signal }))
    .then(() => {
      fetching.then((lease) => lease?.handBack(0)).catch(() => undefined);
      return undefined;
    });
  givenUp.catch(() => undefined);
  try {
    return await Promise.race([fetching, givenUp]);
  } finally {
    done.abort();
  }
}

/** Resolves when nothing runs any more, or when the shutdown's grace is over; then the locks run out, and others decide. */
async function drained(
  running: ReadonlySet<Promise<void>>,
  leases: Leases,
  shutdown: AbortSignal | undefined,
  graceMs: number,
): Promise<void> {
  const finished = new AbortController();
  const hurry = async () => {
    leases.abortAll('shutdown');
    await delay(graceMs, undefined, { signal: finished.signal }).catch(() => undefined);
  };
  const hurried = new Promise<void>((resolve) => {
    const start = () => void hurry().then(resolve);
    if (shutdown?.aborted) start();
    else shutdown?.addEventListener('abort', start, { once: true, signal: finished.signal });
  });
  await Promise.race([Promise.all(running), hurried]);
  finished.abort();
}
