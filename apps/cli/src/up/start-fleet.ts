import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import { type CliConfig, INSTALLATION } from '../config.js';
import { type Child, type ChildOptions, startChild } from './child.js';
import { startEmbeddedRedis } from './embedded-redis.js';
import { openStateDir, type StateDir, writeCredentials } from './state-dir.js';

export interface FleetOptions {
  readonly config: CliConfig;
  /** Port of the API on loopback; 0 picks a free one. */
  readonly apiPort: number;
  /** What the worker may promise to jobs; the host's own when absent. */
  readonly cpus?: number;
  readonly memoryBytes?: number;
  onProgress?(step: string): void;
  onDeath?: NonNullable<ChildOptions['onDeath']>;
}

/** A whole fleet on this machine: Redis, the API and one worker. */
export interface Fleet extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly opsUrl: string;
  readonly stateDir: string;
  readonly redisUrl: string;
  pid(name: 'redis' | 'api' | 'worker'): number | undefined;
  /** Drains the worker, then ends everything. Idempotent. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const WORKER_GRACE_MS = 150_000;
const GRACE_MS = 10_000;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { config } = options;
  const state = await openStateDir(config.stateDir, INSTALLATION.config);
  const lock = await lockStateDir(state.path);
  const children: Child[] = [];
  const stopAll = async () => {
    for (const child of [...children].reverse())
      await child.stop(child.name === 'worker' ? WORKER_GRACE_MS : GRACE_MS);
    await rm(join(state.path, 'credentials.json'), { force: true });
    await lock.release();
  };
  try {
    let redisUrl = config.redisUrl;
    if (redisUrl === undefined) {
      options.onProgress?.('starting a private Redis');
      const redis = await startEmbeddedRedis({
        stateDir: state.path,
        path: config.inherited.PATH ?? '',
        ...(options.onDeath === undefined ? {} : { onDeath: options.onDeath }),
      });
      children.push(redis.child);
      redisUrl = redis.url;
    }
    const apiPort = await freePort(options.apiPort);
    const opsPort = await freePort(0);
    const url = `http://127.0.0.1:${apiPort}`;
    const opsUrl = `http://127.0.0.1:${opsPort}`;
    const environment = variables(state, config, redisUrl);

    options.onProgress?.('starting the API');
    const start = (name: string, entry: string, env: Readonly<Record<string, string>>) => {
      const child = startChild({
        name,
        command: process.execPath,
        args: ['--enable-source-maps', entry],
        env: { ...environment, ...env },
        logFile: join(state.logsDir, `${name}.log`),
        restart: true,
        ...(options.onDeath === undefined ? {} : { onDeath: options.onDeath }),
      });
      children.push(child);
      return child;
    };
    const api = start('api', INSTALLATION.api, {
      FUMEHOOD_API_HOST: '127.0.0.1',
      FUMEHOOD_API_PORT: String(apiPort),
    });
    await untilReady(`${url}/readyz`, api);

    options.onProgress?.('starting a worker');
    const worker = start('worker', INSTALLATION.worker, {
      FUMEHOOD_OPS_PORT: String(opsPort),
      FUMEHOOD_DOCKER_SOCKET: config.dockerSocket,
      FUMEHOOD_SANDBOX_INIT: INSTALLATION.sandboxInit,
      ...(options.cpus === undefined ? {} : { FUMEHOOD_WORKER_CPUS: String(options.cpus) }),
      ...(options.memoryBytes === undefined
        ? {}
        : { FUMEHOOD_WORKER_MEMORY_BYTES: String(options.memoryBytes) }),
    });
    await untilReady(`${opsUrl}/readyz`, worker);
    await writeCredentials(state.path, { url, apiKey: state.secrets.apiKey, redisUrl });

    let stopping: Promise<void> | undefined;
    const stop = () => (stopping ??= stopAll());
    return {
      url,
      apiKey: state.secrets.apiKey,
      opsUrl,
      stateDir: state.path,
      redisUrl,
      pid: (name) => children.find((child) => child.name === name)?.pid(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

const variables = (state: StateDir, config: CliConfig, redisUrl: string): Record<string, string> => ({
  ...config.inherited,
  FUMEHOOD_REDIS_URL: redisUrl,
  FUMEHOOD_SIGNING_KEYS: state.secrets.signingKeys,
  FUMEHOOD_AUDIT_KEY: state.secrets.auditKey,
  FUMEHOOD_CONFIG_DIR: state.configDir,
  FUMEHOOD_RUNTIMES_DIR: INSTALLATION.images,
  FUMEHOOD_RUNTIMES_LOCK: state.runtimesLock,
  FUMEHOOD_LOG_LEVEL: config.logLevel,
});

/** One fleet per state folder: two would share a Redis data folder. */
async function lockStateDir(stateDir: string): Promise<{ release(): Promise<void> }> {
  const file = join(stateDir, 'run', 'up.pid');
  await mkdir(join(stateDir, 'run'), { recursive: true, mode: 0o700 });
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new CliError(
      'failed',
      `A fleet already runs from ${stateDir} (process ${holder}).`,
      'Use it, stop it with Ctrl-C or SIGTERM, or choose another FUMEHOOD_STATE_DIR.',
    );
  }
  await writeFile(file, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => rm(file, { force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function untilReady(url: string, child: Child): Promise<void> {
  const waiting = new AbortController();
  let last = 'no answer';
  const answers = async () => {
    for (
      const deadline = performance.now() + READY_TIMEOUT_MS;
      performance.now() < deadline;
      await delay(50)
    ) {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (response?.ok) return;
      if (response !== undefined) last = await response.text();
    }
    throw new Error(`${child.name} did not become ready: ${last}`);
  };
  try {
    await Promise.race([answers(), child.died(waiting.signal)]);
  } catch (error) {
    throw new CliError('failed', (error as Error).message, 'Run `fumehood doctor`; the log says more.', {
      cause: error,
    });
  } finally {
    waiting.abort();
  }
}

function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const fix = `Choose another with --port, or end what listens there.`;
      reject(
        new CliError('failed', `Port ${port} of 127.0.0.1 can't be used: ${error.message}`, fix, {
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
