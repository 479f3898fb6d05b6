import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { openAuditLog } from '@fumehood/audit';
import { watchConfig, watchRuntimes } from '@fumehood/policy';
import { connectQueue } from '@fumehood/queue';
import { createLogger, createMetrics } from '@fumehood/telemetry';
import closeWithGrace from 'close-with-grace';
import { type ApiConfig, readConfig } from './config.js';
import { drain } from './drain.js';
import { observedAudit } from './observed-audit.js';
import { recordConfig, recordRefusedConfig } from './record-config.js';
import { buildServer } from './server.js';
import { DEFAULT_SERVER_OPTIONS } from './server-deps.js';
import { VERSION } from './version.js';

/** What disposal may take beyond the draining. */
const DISPOSAL_MS = 5000;

const config = configOrExit();
const logger = createLogger({ name: 'api', level: config.FUMEHOOD_LOG_LEVEL, base: { version: VERSION } });
const metrics = createMetrics();
const stop = new AbortController();

function configOrExit(): ApiConfig {
  try {
    return readConfig();
  } catch (error) {
    createLogger({ name: 'api' }).fatal({ reason: String(error) }, 'the API could not start');
    return process.exit(1);
  }
}

async function start(): Promise<() => Promise<void>> {
  const queue = await connectQueue({
    redisUrl: config.FUMEHOOD_REDIS_URL,
    prefix: config.FUMEHOOD_QUEUE_PREFIX,
    signingKeys: config.FUMEHOOD_SIGNING_KEYS,
    onFault: (error) => logger.warn({ err: error }, 'the queue has a fault'),
  });
  metrics.queue.depthFrom(() => queue.depth());

  const log = await openAuditLog({
    store: queue.auditStore,
    writer: `api:${hostname()}-${randomBytes(6).toString('hex')}`.slice(-128),
    key: config.FUMEHOOD_AUDIT_KEY,
  });
  // Nothing is done unrecorded: without its audit trail the process ends, and its supervisor starts another one.
  const audit = observedAudit(log, metrics, (error) =>
    setImmediate(() => {
      throw error;
    }),
  );
  await audit.append({ type: 'writer.started', tenant: null, jobId: null, data: { version: VERSION } });

  const recordLoaded = recordConfig(audit);
  const fleetConfig = await watchConfig(config.FUMEHOOD_CONFIG_DIR, {
    signal: stop.signal,
    async onLoaded(loaded) {
      await recordLoaded(loaded);
      logger.info({ policies: loaded.policies.size, tenants: loaded.tenants.size }, 'configuration loaded');
    },
    async onRefused(error) {
      logger.error(
        { file: error.file, path: error.path, reason: error.reason },
        'configuration refused; the last good one stays',
      );
      await recordRefusedConfig(audit, error);
    },
  });
  const runtimes = await watchRuntimes({
    runtimesDir: config.FUMEHOOD_RUNTIMES_DIR,
    lockFile: config.FUMEHOOD_RUNTIMES_LOCK,
    signal: stop.signal,
    onLoaded: (loaded) =>
      logger.info(
        { runtimes: [...loaded.keys()], missing: loaded.missing.map(({ name }) => name) },
        'runtimes loaded',
      ),
    onRefused: (error) => logger.error({ err: error }, 'runtimes refused; the last good ones stay'),
  });

  const server = await buildServer({
    queue,
    audit,
    auditKey: config.FUMEHOOD_AUDIT_KEY,
    config: fleetConfig,
    runtimes,
    logger,
    metrics,
    options: {
      ...DEFAULT_SERVER_OPTIONS,
      bodyLimitBytes: config.FUMEHOOD_API_BODY_LIMIT_BYTES,
      bodyBudgetBytes: config.FUMEHOOD_API_BODY_BUDGET_BYTES,
      maxHeldPerTenant: config.FUMEHOOD_API_MAX_STREAMS,
      maxEventLoopDelayMs: config.FUMEHOOD_API_MAX_EVENT_LOOP_DELAY_MS,
      metricsPublic: config.FUMEHOOD_METRICS_PUBLIC,
    },
  });
  const url = await server.listen({ host: config.FUMEHOOD_API_HOST, port: config.FUMEHOOD_API_PORT });
  logger.info({ url }, 'listening');

  return async () => {
    await drain(server, config.FUMEHOOD_API_DRAIN_TIMEOUT_MS);
    stop.abort();
    await fleetConfig[Symbol.asyncDispose]();
    await audit.append({ type: 'writer.stopped', tenant: null, jobId: null, data: {} }).catch((error) => {
      logger.warn({ err: error }, 'the end of this process was not recorded');
    });
    await audit[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
  };
}

try {
  const shutDown = await start();
  closeWithGrace(
    { delay: config.FUMEHOOD_API_DRAIN_TIMEOUT_MS + DISPOSAL_MS, logger },
    async ({ err, signal }) => {
      if (err === undefined) logger.info({ signal }, 'draining');
      else logger.fatal({ err }, 'draining after an error');
      await shutDown();
      logger.info('stopped');
    },
  );
} catch (error) {
  logger.fatal({ err: error, configDir: config.FUMEHOOD_CONFIG_DIR }, 'the API could not start');
  process.exit(1);
}
