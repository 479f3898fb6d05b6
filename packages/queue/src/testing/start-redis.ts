import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A private redis-server on a unix socket in a folder of its own, with the append-only file on. Disposal ends it and removes the folder. */
export interface RedisProcess extends AsyncDisposable {
  /** For `connectQueue` and for ioredis: the path of the socket. */
  readonly url: string;
  readonly pid: number;
  /** Ends the server, by default as a crash would. Its data stays for `start`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, with the same socket and data. */
  start(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;

/** @param settings further options of redis-server, such as `['--maxmemory', '20mb']` */
export async function startRedis(settings: readonly string[] = []): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'fumehood-redis-'));
  const url = join(folder, 'redis.sock');
  let server = await launch(folder, url, settings);

  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  return {
    url,
    get pid() {
      return server.pid ?? 0;
    },
    stop,
    async start() {
      server = await launch(folder, url, settings);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, socket: string, settings: readonly string[]): Promise<ChildProcess> {
  const options = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  await rm(socket, { force: true });
  const server = spawn('redis-server', [...options, '--appendfsync', 'everysec', ...settings], {
    stdio: 'ignore',
  });
  await once(server, 'spawn');
  const probe = new Redis(socket, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 20 });
  probe.on('error', () => undefined);
  try {
    await Promise.race([
      probe.ping(),
      delay(START_TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error(`redis-server did not answer within ${START_TIMEOUT_MS} ms`);
      }),
    ]);
    return server;
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  } finally {
    probe.disconnect();
  }
}
