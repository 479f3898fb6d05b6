import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisCommand } from './testing/redis-command.js';
import { startApi, type TestApi } from './testing/start-api.js';
import { startWorker } from './testing/start-worker.js';

const job = { runtime: 'python', code: 'pass' };
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const ready = async () => (await api.call('/readyz')).status;
const submit = (key: string) =>
  api.call('/v1/jobs', { as: 'alice', body: job, headers: { 'idempotency-key': key } });

it('says that it is ready, and what it has checked', async () => {
  const { status, body } = await api.call('/readyz');
  expect([status, body.ready]).toEqual([200, true]);
  const checks = Object.fromEntries(
    body.checks.map(({ check, ok }: { check: string; ok: boolean }) => [check, ok]),
  );
  expect(checks).toMatchObject({
    ping: true,
    maxmemory_policy: true,
    config: true,
    runtimes: true,
    accepting: true,
  });
});

it('is not ready for a Redis that may forget jobs', async () => {
  await redisCommand(api.redis.url, ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
  const { status, body } = await api.call('/readyz');
  expect(status).toBe(503);
  expect(body.checks.find(({ ok }: { ok: boolean }) => !ok)).toMatchObject({
    check: 'maxmemory_policy',
    fix: expect.stringContaining('noeviction'),
  });
  await redisCommand(api.redis.url, ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
  expect(await ready()).toBe(200);
});

it('answers 503 while Redis is away, without waiting for it, and keeps every job that it acknowledged', async () => {
  const kept = (await submit('kept')).body.id;
  const stream = (await api.open(`/v1/jobs/${kept}/events`, { as: 'alice' })).body?.getReader();
  let text = '';
  const readUntil = async (expected: string) => {
    while (!text.includes(expected)) text += Buffer.from((await stream?.read())?.value ?? []).toString();
  };
  await readUntil('event: state');
  await api.redis.stop();

  const asked = await Promise.all([
    submit('while-away'),
    api.call(`/v1/jobs/${kept}`, { as: 'alice' }),
    api.call('/v1/jobs', { as: 'alice' }),
    api.call(`/v1/jobs/${kept}`, { as: 'alice', method: 'DELETE' }),
    api.call(`/v1/jobs/${kept}/artifacts/a`, { as: 'alice' }),
    api.call('/v1/workers', { as: 'ops' }),
    api.call('/v1/audit', { as: 'ops' }),
  ]);
  for (const { status, body, headers } of asked) {
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(await ready()).toBe(503);
  expect((await api.call('/healthz')).status).toBe(200);
  // What needs no Redis goes on.
  expect((await api.call('/v1/runtimes', { as: 'alice' })).status).toBe(200);
  expect((await api.call('/v1/jobs', { as: 'alice', body: {} })).status).toBe(400);
  expect((await api.call('/v1/jobs')).status).toBe(401);
  expect((await api.call('/metrics', { as: 'ops' })).status).toBe(200);

  await api.redis.start();
  while ((await ready()) !== 200);
  expect((await submit('kept')).body.id).toBe(kept);
  let again = await submit('while-away');
  while (again.status === 503) again = await submit('while-away');
  expect(again.status).toBe(202);

  // The stream that was open all the while waited, and goes on.
  await using _worker = await startWorker(api);
  await readUntil('event: result');
  const { body } = await api.call('/v1/audit', { as: 'ops' });
  expect(body.ok).toBe(true);
}, 60_000);

it('answers 503 for a Redis that hangs, and bounds how long it takes to know', async () => {
  process.kill(api.redis.pid, 'SIGSTOP');
  try {
    const [answer, readiness] = await Promise.all([submit('hanging'), api.call('/readyz')]);
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
    expect(readiness.status).toBe(503);
  } finally {
    process.kill(api.redis.pid, 'SIGCONT');
  }
  while ((await ready()) !== 200);
  let answer = await submit('hanging');
  while (answer.status === 503) answer = await submit('hanging');
  expect(answer.status).toBe(202);
}, 60_000);

it('does nothing that it can not record', async () => {
  const id = (await submit('recorded')).body.id;
  const before = (await api.call('/v1/jobs?limit=200', { as: 'alice' })).body.jobs.length;
  // Another type at the key of the audit stream: every append fails, everything else goes on.
  await redisCommand(api.redis.url, ['RENAME', '{fumehood}:audit:api:test', 'aside']);
  await redisCommand(api.redis.url, ['SET', '{fumehood}:audit:api:test', 'in the way']);
  for (const answer of [
    await submit('unrecorded'),
    await api.call(`/v1/jobs/${id}`, { as: 'alice', method: 'DELETE' }),
    await api.call('/v1/jobs', { as: 'alice', body: { ...job, limits: { cpus: 99 } } }),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
  }
  await redisCommand(api.redis.url, ['DEL', '{fumehood}:audit:api:test']);
  await redisCommand(api.redis.url, ['RENAME', 'aside', '{fumehood}:audit:api:test']);
  expect((await api.call(`/v1/jobs/${id}`, { as: 'alice' })).body.cancelRequested).toBe(false);

  // The submission that failed is finished by its repetition.
  const repeated = await submit('unrecorded');
  expect(repeated.status).toBe(202);
  const jobs = (await api.call('/v1/jobs?limit=200', { as: 'alice' })).body.jobs.length;
  expect(jobs).toBe(before + 1);
  const recorded = (await api.audited()).filter(({ jobId }) => jobId === repeated.body.id);
  expect(recorded.map(({ type }) => type)).toEqual(['job.submitted']);
});
