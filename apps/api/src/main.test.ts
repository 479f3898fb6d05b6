import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RedisProcess, startRedis } from '@fumehood/queue/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisCommand } from './testing/redis-command.js';
import { type TestConfig, writeConfig } from './testing/write-config.js';

let dir: string;
let config: TestConfig;
let redis: RedisProcess;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fumehood-api-'));
  config = await writeConfig(dir);
  redis = await startRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

interface Api extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly url: string;
  lines(): readonly Record<string, unknown>[];
  get(path: string, signal?: AbortSignal): Promise<Response>;
  exit(): Promise<readonly [code: number | null, signal: string | null]>;
}

/** The API as a process of its own, from its sources. */
async function start(environment: Record<string, string> = {}): Promise<Api> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=fumehood-source', '--import', 'tsx', main], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      FUMEHOOD_REDIS_URL: `unix://${redis.url}`,
      FUMEHOOD_SIGNING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      FUMEHOOD_AUDIT_KEY: Buffer.alloc(32, 5).toString('base64'),
      FUMEHOOD_CONFIG_DIR: config.configDir,
      FUMEHOOD_RUNTIMES_DIR: config.runtimesDir,
      FUMEHOOD_RUNTIMES_LOCK: config.lockFile,
      FUMEHOOD_API_PORT: '0',
      ...environment,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const lines = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const listening = () => lines().find(({ msg }) => msg === 'listening');
  while (listening() === undefined && child.exitCode === null)
    await Promise.race([exited, once(child.stdout ?? child, 'data')]);
  const url = String(listening()?.url ?? '');
  return {
    process: child,
    url,
    lines,
    exit: () => exited,
    get: (path, signal) =>
      fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${config.keys.ops}` },
        ...(signal === undefined ? {} : { signal }),
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const submit = async (api: Api) => {
  const response = await fetch(`${api.url}/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${config.keys.ops}`, 'content-type': 'application/json' },
    body: JSON.stringify({ runtime: 'python', code: 'pass' }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as { readonly id: string };
};

it('drains at SIGTERM: ends streams with a hint, answers waiting requests, records its end, and exits with 0', async () => {
  // Whatever had to be cut off at the end of the drain would be waited for until the test fails.
  await using api = await start({ FUMEHOOD_API_DRAIN_TIMEOUT_MS: '600000' });
  const { id } = await submit(api);
  const stream = await api.get(`/v1/jobs/${id}/events`);
  const waiting = api.get(`/v1/jobs/${id}?wait=2m`);
  // A connection that never says anything must not hold the end up.
  const silent = connect(Number(new URL(api.url).port), '127.0.0.1');
  silent.on('error', () => {});
  await once(silent, 'connect');
  while (!api.lines().some(({ route }) => route === '/v1/jobs'))
    await once(api.process.stdout ?? api.process, 'data');

  api.process.kill('SIGTERM');
  expect(await stream.text()).toMatch(/: this server is about to end\nretry: \d+\n\n$/);
  const answer = await waiting;
  expect([answer.status, ((await answer.json()) as { state: string }).state]).toEqual([200, 'queued']);
  expect(await api.exit()).toEqual([0, null]);

  await using next = await start();
  const audit = (await (await next.get('/v1/audit')).json()) as {
    ok: boolean;
    writers: { writer: string }[];
  };
  expect(audit).toMatchObject({ ok: true, writers: [{}, {}] });
  const types = await Promise.all(
    audit.writers.map(async ({ writer }) => {
      expect(writer).toMatch(/^api:.+-[0-9a-f]{12}$/);
      const page = await next.get(`/v1/audit?writer=${encodeURIComponent(writer)}`);
      return ((await page.json()) as { events: { type: string }[] }).events.map(({ type }) => type);
    }),
  );
  expect(types.find((own) => own.includes('job.submitted'))).toEqual([
    'writer.started',
    'policy.loaded',
    'policy.loaded',
    'policy.loaded',
    'job.submitted',
    'writer.stopped',
  ]);
  next.process.kill('SIGTERM');
  expect(await next.exit()).toEqual([0, null]);
}, 60_000);

it('reloads runtimes and policies that change, and says what it refuses and why', async () => {
  await using api = await start();
  const runtimes = async () =>
    ((await (await api.get('/v1/runtimes')).json()) as { runtimes: unknown[] }).runtimes.length;
  expect(await runtimes()).toBe(2);
  const lock = JSON.parse(await readFile(config.lockFile, 'utf8'));
  await writeFile(config.lockFile, JSON.stringify({ ...lock, images: { python: lock.images.python } }));
  while ((await runtimes()) !== 1);
  await writeFile(config.lockFile, JSON.stringify(lock));
  while ((await runtimes()) !== 2);

  const file = join(config.configDir, 'policies', 'wide.yaml');
  const good = await readFile(file, 'utf8');
  await appendFile(file, '\nnonsense: true\n');
  const refused = () => api.lines().find(({ msg }) => String(msg).startsWith('configuration refused'));
  while (refused() === undefined) await once(api.process.stdout ?? api.process, 'data');
  expect(refused()).toMatchObject({
    file: 'policies/wide.yaml',
    reason: expect.stringContaining('nonsense'),
  });
  await writeFile(file, good);
}, 60_000);

it('ends when its audit chain is no longer its own, so that a new process starts a new one', async () => {
  await using api = await start();
  const { writers } = (await (await api.get('/v1/audit')).json()) as { writers: { writer: string }[] };
  for (const { writer } of writers) {
    await redisCommand(redis.url, ['DEL', `{fumehood}:audit-head:${writer}`]);
    await redisCommand(redis.url, ['XADD', `{fumehood}:audit:${writer}`, '0-9999', 'event', 'not ours']);
  }
  const ask = () => submit(api).catch((error: unknown) => error);
  while (api.process.exitCode === null) await ask();
  const [code] = await api.exit();
  expect(code).toBe(1);
}, 60_000);

it.each([
  ['a bad environment', { FUMEHOOD_API_PORT: 'eighty' }, 'FUMEHOOD_API_PORT'],
  ['no configuration', { FUMEHOOD_CONFIG_DIR: '/nonexistent' }, '/nonexistent'],
  ['no Redis', { FUMEHOOD_REDIS_URL: 'unix:///nonexistent/redis.sock' }, 'could not start'],
] as const)(
  'refuses to start with %s, and says so',
  async (_what, environment, expected) => {
    await using api = await start(environment);
    const [code] = await api.exit();
    expect(code).toBe(1);
    expect(JSON.stringify(api.lines())).toContain(expected);
  },
  60_000,
);
