import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import { type Child, startChild } from './child.js';

const SERVERS = ['redis-server', 'valkey-server'] as const;
/** Longest path that fits into sockaddr_un, with the terminating zero. */
const MAX_SOCKET_PATH = 107;
const READY_TIMEOUT_MS = 30_000;

export interface EmbeddedRedisOptions {
  readonly stateDir: string;
  /** Where to look for the server: a PATH. */
  readonly path: string;
  onDeath?: NonNullable<Parameters<typeof startChild>[0]['onDeath']>;
}

/** A private Redis with an append-only file, on a socket that only this user can open. */
export async function startEmbeddedRedis(
  options: EmbeddedRedisOptions,
): Promise<{ readonly url: string; readonly child: Child }> {
  const server = await findServer(options.path);
  const dir = join(options.stateDir, 'redis');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const socket = await socketPath(dir);
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const child = startChild({
    name: 'redis',
    command: server,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    env: { PATH: options.path },
    logFile: join(options.stateDir, 'logs', 'redis.log'),
    restart: true,
    ...(options.onDeath === undefined ? {} : { onDeath: options.onDeath }),
  });
  await untilReady(socket, child);
  return { url: `unix://${socket}`, child };
}

async function findServer(path: string): Promise<string> {
  for (const name of SERVERS) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file;
    }
  }
  throw new CliError(
    'missing',
    `Neither ${SERVERS.join(' nor ')} is on the PATH.`,
    'Install one (apt-get install redis-server), or name a running one in FUMEHOOD_REDIS_URL.',
  );
}

/** Beside the data; in the temporary folder where that path would be too long for a socket. */
async function socketPath(dir: string): Promise<string> {
  const beside = join(dir, 'redis.sock');
  if (Buffer.byteLength(beside) <= MAX_SOCKET_PATH) return beside;
  const folder = join(tmpdir(), `fumehood-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, 'redis.sock');
}

async function untilReady(socket: string, child: Child): Promise<void> {
  const waiting = new AbortController();
  const answers = async () => {
    for (
      const deadline = performance.now() + READY_TIMEOUT_MS;
      performance.now() < deadline;
      await delay(20)
    ) {
      if (await ping(socket)) return;
    }
    throw new Error('redis did not answer PING in time');
  };
  try {
    await Promise.race([answers(), child.died(waiting.signal)]);
  } catch (error) {
    await child.stop(2_000);
    throw new CliError('failed', `The private Redis did not start: ${(error as Error).message}`, undefined, {
      cause: error,
    });
  } finally {
    waiting.abort();
  }
}

/** Whether +PONG comes back: not while the append-only file is still being loaded. */
function ping(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write('PING\r\n'));
    const done = (answer: boolean) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(1_000, () => done(false));
    connection.once('data', (data) => done(data.toString().startsWith('+PONG')));
    connection.once('error', () => done(false));
  });
}
