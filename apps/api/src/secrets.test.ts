import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisCommand } from './testing/redis-command.js';
import { startApi, type TestApi } from './testing/start-api.js';
import { startWorker } from './testing/start-worker.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const canary = `canary${randomBytes(8).toString('hex')}`;

/** Every place of a request that can hold a secret. */
const loaded = {
  runtime: 'python',
  code: canary,
  files: [{ path: `${canary}.txt`, content: canary }],
  args: [canary],
  env: { TOKEN: canary, [`NAME_${canary}`]: 'x' },
  stdin: canary,
  labels: { note: canary },
};

it('lets nothing of a job, a key or a query into logs, metrics, the audit trail or an error of somebody else', async () => {
  const headers = { 'idempotency-key': canary, 'x-whatever': canary, 'user-agent': canary };
  const worker = await startWorker(api);
  expect((await api.call('/v1/jobs?wait=60s', { as: 'alice', body: loaded, headers })).status).toBe(200);
  await worker[Symbol.asyncDispose]();

  const answers = [
    // Accepted, denied, wrong in the schema, no JSON, too complex, conflicting.
    await api.call('/v1/jobs', { as: 'alice', body: loaded, headers }),
    await api.call('/v1/jobs', { as: 'alice', body: { ...loaded, limits: { cpus: 99 } } }),
    await api.call('/v1/plan', { as: 'alice', body: { ...loaded, env: { 'BAD NAME': canary } } }),
    await api.call('/v1/jobs', { as: 'alice', body: { ...loaded, code: 7, args: canary, env: [canary] } }),
    await api.call('/v1/jobs', { as: 'alice', body: `{"code":"${canary}", ${canary}}` }),
    await api.call('/v1/jobs', { as: 'alice', body: `{"code":"${canary}","a":${'['.repeat(100)}` }),
    await api.call('/v1/jobs', { as: 'alice', body: { ...loaded, code: 'other' }, headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 400, 400, 400, 400, 409]);
  for (const { text, status } of answers.slice(1)) if (status !== 422) expect(text).not.toContain(canary);

  await api.call(`/v1/jobs?label=note:${canary}`, { as: 'alice' });
  await api.call(`/v1/jobs?zzz=${canary}`, { as: 'alice' });
  await api.call(`/${canary}?${canary}=${canary}`);
  await api.call(`/v1/jobs/${canary}`, { as: 'alice' });
  await api.call('/v1/jobs', { headers: { authorization: `Bearer ${canary}` } });
  await api.call('/v1/jobs', { headers: { authorization: `Basic ${canary}` } });
  await api.call('/v1/jobs/%E0%A4%A', { headers: { cookie: canary } });

  const { text: metrics } = await api.call('/metrics', { as: 'ops' });
  expect(metrics).toContain('fumehood_http_request_seconds');
  expect(metrics).not.toContain(canary);
  expect(JSON.stringify(await api.audited())).not.toContain(canary);
  expect(api.logs()).toContain('"msg":"request"');
  expect(api.logs()).not.toContain(canary);
  for (const key of Object.values(api.keys)) expect(api.logs()).not.toContain(key);
});

it('logs a failure of Redis without the command that failed', async () => {
  await redisCommand(api.redis.url, ['CONFIG', 'SET', 'maxmemory', '1']);
  const answer = await api.call('/v1/jobs', { as: 'bob', body: loaded });
  expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
  await redisCommand(api.redis.url, ['CONFIG', 'SET', 'maxmemory', '0']);
  expect(api.logs()).toContain('a request could not be served');
  expect(api.logs()).not.toContain(canary);
});
