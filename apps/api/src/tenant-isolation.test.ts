import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type Call, startApi, type TestApi } from './testing/start-api.js';
import { startWorker } from './testing/start-worker.js';

const NEVER = `job_${'0'.repeat(26)}`;
const job = { runtime: 'python', code: 'pass' };

let api: TestApi;
/** Jobs of alice's: one that has ended and has artifacts, one that waits. */
let jobs: { readonly ended: string; readonly waiting: string };
beforeAll(async () => {
  api = await startApi();
  const worker = await startWorker(api);
  const ended = await api.call('/v1/jobs?wait=60s', { as: 'alice', body: job });
  await worker[Symbol.asyncDispose]();
  const waiting = await api.call('/v1/jobs', { as: 'alice', body: job });
  jobs = { ended: ended.body.id, waiting: waiting.body.id };
});
afterAll(() => api[Symbol.asyncDispose]());

/** All that a client can see of an answer, but what names the request and the moment. */
function seen({ status, headers, text }: Answer) {
  const { date: _date, 'x-request-id': _id, ...rest } = Object.fromEntries(headers);
  return { status, headers: rest, text: text.replace(/req_[0-9a-f]{32}/, 'req_') };
}

it.each<[name: string, path: (id: string) => string, call: Call]>([
  ['get', (id) => `/v1/jobs/${id}`, {}],
  ['wait', (id) => `/v1/jobs/${id}?wait=2m`, {}],
  ['events', (id) => `/v1/jobs/${id}/events`, {}],
  ['events after one', (id) => `/v1/jobs/${id}/events?after=1-0`, {}],
  ['artifact', (id) => `/v1/jobs/${id}/artifacts/out/plot.png`, {}],
  ['whole output', (id) => `/v1/jobs/${id}/artifacts/.fumehood/stdout`, {}],
  ['cancel or purge', (id) => `/v1/jobs/${id}`, { method: 'DELETE' }],
  ['cancel only', (id) => `/v1/jobs/${id}?only=cancel`, { method: 'DELETE' }],
  ['purge only', (id) => `/v1/jobs/${id}?only=purge`, { method: 'DELETE' }],
  ['head', (id) => `/v1/jobs/${id}`, { method: 'HEAD' }],
])("%s: another tenant's job is answered for like one that never was", async (_name, path, call) => {
  for (const as of ['bob', 'ops'] as const) {
    const never = seen(await api.call(path(NEVER), { ...call, as }));
    expect(never.status).toBe(404);
    for (const id of [jobs.ended, jobs.waiting])
      expect(seen(await api.call(path(id), { ...call, as }))).toEqual(never);
  }
});

it('leaves the jobs that others reached for as they were', async () => {
  expect((await api.call(`/v1/jobs/${jobs.ended}`, { as: 'alice' })).body).toMatchObject({
    state: 'ended',
    outcome: 'exited',
  });
  expect((await api.call(`/v1/jobs/${jobs.waiting}`, { as: 'alice' })).body).toMatchObject({
    state: 'queued',
    cancelRequested: false,
  });
});

it("lists no other tenant's jobs, not with its cursor, and not for the fleet's own key", async () => {
  for (const as of ['bob', 'ops'] as const) {
    for (const query of ['', `?cursor=${jobs.waiting}`, '?runtime=python']) {
      expect((await api.call(`/v1/jobs${query}`, { as })).body.jobs).toEqual([]);
    }
  }
});

it.each(['/v1/workers', '/v1/audit', '/v1/audit?writer=api:test', '/metrics'])(
  '%s needs the scope fleet',
  async (path) => {
    const refused = await api.call(path, { as: 'alice' });
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.detail).toContain('fleet');
    expect((await api.call(path, { as: 'ops' })).status).toBe(200);
  },
);

it('refuses every endpoint but the public ones without a key, before it reads the body', async () => {
  const { body: document } = await api.call('/openapi.json');
  for (const [path, methods] of Object.entries<object>(document.paths)) {
    if (/^\/(healthz|readyz)$/.test(path)) continue;
    for (const method of Object.keys(methods)) {
      const url = path.replace('{id}', NEVER).replace('{path}', 'a');
      const body = method === 'post' ? '{"not json' : undefined;
      const answer = await api.call(url, { method: method.toUpperCase(), body });
      expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="fumehood"');
    }
  }
});

it.each([
  ['an unknown key', (key: string) => `Bearer ${key.slice(0, -1)}_`],
  ['the hash of a key', () => `Bearer ${'a'.repeat(64)}`],
  ['Basic authentication', (key: string) => `Basic ${Buffer.from(key).toString('base64')}`],
  ['a key without a scheme', (key: string) => key],
  ['an empty key', () => 'Bearer '],
  ['two keys', (key: string) => `Bearer ${key} ${key}`],
  ['a long key', () => `Bearer ${'x'.repeat(5000)}`],
  ['__proto__', () => 'Bearer __proto__'],
])('refuses %s', async (_what, header) => {
  const answer = await api.call('/v1/jobs', { headers: { authorization: header(api.keys.alice) } });
  expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
});

it('takes the scheme in any case', async () => {
  const answer = await api.call('/v1/jobs', { headers: { authorization: `bearer ${api.keys.alice}` } });
  expect(answer.status).toBe(200);
});

it('records refused keys, but not each one of a flood', async () => {
  const before = (await api.audited()).filter(({ type }) => type === 'auth.refused').length;
  for (let index = 0; index < 50; index++)
    await api.call('/v1/jobs', { headers: { authorization: 'Bearer wrong-key-value' } });
  const refused = (await api.audited()).filter(({ type }) => type === 'auth.refused');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length - before).toBeLessThan(20);
  expect(JSON.stringify(refused)).not.toContain('wrong-key-value');
});
