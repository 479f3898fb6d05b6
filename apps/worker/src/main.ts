import { randomBytes } from 'node:crypto';
import { openAuditLog } from '@fumehood/audit';
import { connectQueue, type VerifiedJob } from '@fumehood/queue';
import { availableTiers, dockerDriver, dockerFacts } from '@fumehood/sandbox-docker';
import { createLogger, createMetrics, serveOps } from '@fumehood/telemetry';
import closeWithGrace from 'close-with-grace';
import { createAdmission } from './admission.js';
import { readConfig } from './config.js';
import { consumeJobs } from './consume-jobs.js';
import { decide, decideOnce } from './decide.js';
import { drain } from './drain.js';
import { every } from './every.js';
import { meteredDriver } from './metered-driver.js';
import { createPresence } from './presence.js';
import { queueAdmission } from './queue-admission.js';
import { readiness } from './readiness.js';
import { reapLeftovers } from './reap-leftovers.js';
import { VERSION } from './version.js';
import { watchInputs } from './watch-inputs.js';
import { driverMeter } from './worker-metrics.js';

const HEARTBEAT_MS = 3_000;
const REAP_MS = 30_000;
/** What ending takes beyond draining. */
const DISPOSAL_MS = 30_000;

const config = readConfig();
const workerId = `${config.FUMEHOOD_WORKER_NAME}-${randomBytes(5).toString('hex')}`;
const logger = createLogger({
  name: 'worker',
  level: config.FUMEHOOD_LOG_LEVEL,
  base: { version: VERSION, workerId },
});
const metrics = createMetrics();

async function start(): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const queue = await connectQueue({
    redisUrl: config.FUMEHOOD_REDIS_URL,
    prefix: config.FUMEHOOD_QUEUE_PREFIX,
    signingKeys: config.FUMEHOOD_SIGNING_KEYS,
    patience: 'wait',
    onFault: (error) => logger.warn({ err: error }, 'queue fault'),
  });
  const audit = await openAuditLog({
    store: queue.auditStore,
    writer: `worker:${workerId}`,
    key: config.FUMEHOOD_AUDIT_KEY,
  });
  await audit.append({ type: 'writer.started', tenant: null, jobId: null, data: { version: VERSION } });

  const { fleetConfig, runtimes } = await watchInputs(config, logger, stop.signal);

  const socketPath = config.FUMEHOOD_DOCKER_SOCKET;
  const isolation = availableTiers(await dockerFacts({ socketPath }));
  const docker = await dockerDriver({
    socketPath,
    initPath: config.FUMEHOOD_SANDBOX_INIT,
    onLeftBehind: (sandboxId, err) =>
      logger.warn({ sandboxId, err }, 'a container could not be removed; it will be reaped'),
  });
  const driver = meteredDriver(docker, driverMeter(metrics));
  const admission = createAdmission({
    cpus: config.FUMEHOOD_WORKER_CPUS,
    memoryBytes: config.FUMEHOOD_WORKER_MEMORY_BYTES,
  });
  metrics.worker.resourcesFrom(() => ({ committed: admission.committed(), capacity: admission.capacity }));
  const presence = createPresence({
    workerId,
    version: VERSION,
    driver: driver.name,
    isolation,
    runtimes: () => runtimes.current,
    admission,
  });

  const decideJob = decideOnce((job: VerifiedJob) =>
    decide(job, {
      config: () => fleetConfig.current,
      runtimes: runtimes.current,
      capabilities: { isolation, egress: false },
      admission,
    }),
  );
  const reap = () => reapLeftovers(driver, audit, workerId, logger);
  await reap();
  const ops = await serveOps({
    host: config.FUMEHOOD_OPS_HOST,
    port: config.FUMEHOOD_OPS_PORT,
    registry: metrics.registry,
    ready: () => readiness(queue, presence, runtimes.current),
  });

  const taking = new AbortController();
  const hurry = new AbortController();
  const consumer = consumeJobs({
    queue,
    workerId,
    admission: queueAdmission(admission, decideJob),
    presence,
    metrics,
    logger,
    taking: taking.signal,
    hurry: hurry.signal,
    job: { workerId, driver, audit, decide: decideJob },
  });
  presence.state = 'ready';
  const beat = every(
    HEARTBEAT_MS,
    stop.signal,
    () => queue.heartbeat(presence.heartbeat()),
    (error) => logger.warn({ err: error }, 'the heartbeat was not heard'),
  );
  const reaper = every(REAP_MS, stop.signal, reap, (error) => logger.warn({ err: error }, 'reaping failed'));
  logger.info({ driver: driver.name, isolation, ops: ops.url, capacity: admission.capacity }, 'ready');

  return async () => {
    presence.state = 'draining';
    await drain(consumer, taking, hurry, config.FUMEHOOD_DRAIN_TIMEOUT_MS);
    stop.abort();
    await Promise.all([beat, reaper]);
    await driver[Symbol.asyncDispose]();
    await fleetConfig[Symbol.asyncDispose]();
    await queue.retire(workerId).catch((error) => logger.warn({ err: error }, 'the end was not announced'));
    await audit.append({ type: 'writer.stopped', tenant: null, jobId: null, data: {} }).catch((error) => {
      logger.warn({ err: error }, 'the end of this process was not recorded');
    });
    await audit[Symbol.asyncDispose]();
    await ops[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
  };
}

try {
  const shutDown = await start();
  closeWithGrace(
    { delay: config.FUMEHOOD_DRAIN_TIMEOUT_MS + DISPOSAL_MS, logger },
    async ({ err, signal }) => {
      if (err === undefined) logger.info({ signal }, 'draining');
      else logger.fatal({ err }, 'draining after an error');
      await shutDown();
      logger.info('stopped');
    },
  );
} catch (error) {
  logger.fatal({ err: error }, 'the worker could not start');
  process.exit(1);
}
