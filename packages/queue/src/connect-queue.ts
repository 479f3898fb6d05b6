import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { readArtifact } from './artifacts.js';
import { createAuditStore } from './audit-store.js';
import { redisBlobStore } from './blobs/redis-blob-store.js';
import { cancelJob } from './cancel-job.js';
import { closeRedis, connectRedis, type Patience } from './connect-redis.js';
import { consume } from './consumer/consume.js';
import { readDepth } from './depth.js';
import { assertSigningKeys, type SigningKeys } from './envelope/signing-keys.js';
import { createNotifications } from './events/notifications.js';
import { readEvents } from './events/read-events.js';
import { waitForResult } from './events/wait-for-result.js';
import { getJob } from './get-job.js';
import { readHealth } from './health.js';
import { startJanitor } from './janitor.js';
import { createJobIds } from './job-id.js';
import type { JobQueue } from './job-queue.js';
import { createKeys, DEFAULT_PREFIX, isPrefix, QUEUE_NAME } from './keys.js';
import { listJobs } from './list-jobs.js';
import { purgeJob } from './purge-job.js';
import type { QueueContext } from './queue-context.js';
import { asQueueError, QueueError } from './queue-error.js';
import { registerScripts, scriptRunner } from './script.js';
import { SCRIPTS } from './scripts/index.js';
import { submitJob } from './submit-job.js';
import { DEFAULT_TUNING, type QueueTuning } from './tuning.js';
import { readWorkers, retireWorker, writeHeartbeat } from './worker-registry.js';

export interface ConnectOptions {
  /** `redis://`, `rediss://`, or the absolute path of a unix socket. */
  readonly redisUrl: string;
  /** Of every key, in braces, so that all keys are in one slot of a Redis Cluster. `{fumehood}` when absent. */
  readonly prefix?: string | undefined;
  readonly signingKeys: SigningKeys;
  /** What calls do while Redis is away: `fail` at once, as an API should, or `wait`, as a worker may. `fail` when absent. */
  readonly patience?: Patience | undefined;
  readonly tuning?: Partial<QueueTuning> | undefined;
  /** Told of failures that no call reports: of connections, and of work in the background. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Throws QueueError `unavailable` when Redis cannot be reached, `misconfigured` for a bad prefix or key. */
export async function connectQueue(options: ConnectOptions): Promise<JobQueue> {
  const {
    redisUrl,
    prefix = DEFAULT_PREFIX,
    signingKeys,
    patience = 'fail',
    onFault = () => undefined,
  } = options;
  if (!isPrefix(prefix))
    throw new QueueError('misconfigured', `The prefix ${prefix} is not a name in braces`);
  assertSigningKeys(signingKeys);
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const keys = createKeys(prefix);

  const redis = await connectRedis(redisUrl, patience, onFault);
  const subscriber = await connectRedis(redisUrl, 'wait', onFault);
  const bull = new Queue(QUEUE_NAME, {
    connection: redis,
    prefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    // Nobody reads BullMQ's own events here; the jobs' events are in streams of their own.
    streams: { events: { maxLen: 100 } },
  });
  bull.on('error', (error) => onFault(asQueueError(error)));
  const context: QueueContext = {
    ...over(redis, prefix),
    keys,
    bull,
    notifications: createNotifications(subscriber, onFault),
    signingKeys,
    tuning,
    newJobId: createJobIds(),
    onFault,
  };
  const janitor = startJanitor(context);

  return {
    submit: (submission) => submitJob(context, submission),
    get: (tenant, jobId) => getJob(context, tenant, jobId),
    list: (tenant, filter) => listJobs(context, tenant, filter),
    cancel: (tenant, jobId) => cancelJob(context, tenant, jobId),
    purge: (tenant, jobId) => purgeJob(context, tenant, jobId),
    events: (tenant, jobId, follow) => readEvents(context, tenant, jobId, follow),
    waitForResult: (tenant, jobId, signal) => waitForResult(context, tenant, jobId, signal),
    artifact: (tenant, jobId, path) => readArtifact(context, tenant, jobId, path),
    workers: () => readWorkers(context),
    depth: () => readDepth(context),
    health: () => readHealth(redis),
    auditStore: createAuditStore(context),
    async consume(consumption, handle) {
      const patient = await connectRedis(redisUrl, 'wait', onFault);
      await consume({ ...context, ...over(patient, prefix) }, consumption, handle);
    },
    heartbeat: (heartbeat) => writeHeartbeat(context, heartbeat),
    retire: (workerId) => retireWorker(context, workerId),
    async [Symbol.asyncDispose]() {
      const janitorGone = janitor[Symbol.asyncDispose]();
      await bull.close().catch(() => undefined);
      await Promise.all([closeRedis(redis), closeRedis(subscriber)]);
      // It may have been waiting for a Redis that is away; without a connection it no longer does.
      await janitorGone;
    },
  };
}

/** What works over one connection. */
function over(redis: Redis, prefix: string): Pick<QueueContext, 'redis' | 'run' | 'blobs'> {
  registerScripts(redis, SCRIPTS);
  return { redis, run: scriptRunner(redis, prefix), blobs: redisBlobStore(redis) };
}
