import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_REQUESTS } from '../testing/sample-requests.js';
import { startApi, type TestApi } from '../testing/start-api.js';
import { startWorker } from '../testing/start-worker.js';

const job = { runtime: 'python', code: "print('hello')" };

describe('POST /v1/jobs', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it('answers 202 with the job, its place in the queue, and where to find it', async () => {
    const answer = await api.call('/v1/jobs', { as: 'alice', body: job });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/v1/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      tenant: 'alice',
      state: 'queued',
      runtime: 'python',
      policy: 'default',
      result: null,
    });
    expect(answer.body.queue.position).toBeGreaterThanOrEqual(0);
    expect((await api.call(`/v1/jobs/${answer.body.id}`, { as: 'alice' })).body.id).toBe(answer.body.id);
  });

  it('takes every field that there is', async () => {
    for (const body of SAMPLE_REQUESTS)
      expect((await api.call('/v1/jobs', { as: 'alice', body })).status).toBe(202);
  });

  it('names the runtime that an alias stands for', async () => {
    const answer = await api.call('/v1/jobs', { as: 'alice', body: { ...job, runtime: 'py' } });
    expect(answer.body.runtime).toBe('python');
  });

  it('records the job before it acknowledges it, and nothing of what is in it', async () => {
    const { body } = await api.call('/v1/jobs', {
      as: 'alice',
      body: { ...job, env: { A: 'secret-value' } },
    });
    const events = (await api.audited()).filter(({ jobId }) => jobId === body.id);
    expect(events).toMatchObject([
      { type: 'job.submitted', tenant: 'alice', data: { keyId: 'alice-1', policy: 'default' } },
    ]);
    expect(JSON.stringify(events)).not.toContain('secret-value');
  });

  it('refuses what the policy denies, with every reason, and records that', async () => {
    const body = { ...job, policy: 'default', lane: 'batch', limits: { cpus: 64, memoryBytes: 2 ** 33 } };
    const answer = await api.call('/v1/jobs', { as: 'alice', body });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      code: 'policy_denied',
      type: 'https://fumehood.dev/problems/policy_denied',
    });
    const paths = answer.body.denials.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(['/lane', '/limits/cpus', '/limits/memoryBytes']);
    const denied = (await api.audited()).filter(({ type }) => type === 'job.denied').at(-1);
    expect(denied).toMatchObject({
      tenant: 'alice',
      data: { codes: expect.stringContaining('limit_above_ceiling') },
    });
  });

  it("knows no policy but the tenant's own", async () => {
    for (const policy of ['wide', 'nowhere']) {
      const answer = await api.call('/v1/jobs', { as: 'bob', body: { ...job, policy } });
      expect(answer.status).toBe(422);
      expect(answer.body.denials).toMatchObject([{ code: 'policy_unknown', path: '/policy' }]);
    }
  });

  describe('with an Idempotency-Key', () => {
    const submit = (key: string, body: unknown = job, as: 'alice' | 'bob' = 'alice') =>
      api.call('/v1/jobs', { as, body, headers: { 'idempotency-key': key } });

    it('gives the same job for the same request, and records it once', async () => {
      const first = await submit('key-1');
      const second = await submit('key-1');
      expect(second.body.id).toBe(first.body.id);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      const recorded = (await api.audited()).filter(({ jobId }) => jobId === first.body.id);
      expect(recorded.map(({ type }) => type)).toEqual(['job.submitted']);
    });

    it('makes one job of many submissions at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => submit('key-many')));
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(answers.every(({ status }) => status === 202)).toBe(true);
    });

    it('answers a different request under the same key with 409', async () => {
      await submit('key-2');
      const answer = await submit('key-2', { ...job, code: 'something else' });
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_conflict']);
    });

    it("keeps tenants' keys apart", async () => {
      const first = await submit('key-3');
      const second = await submit('key-3', job, 'bob');
      expect(second.status).toBe(202);
      expect(second.body.id).not.toBe(first.body.id);
    });

    it.each([' ', 'x'.repeat(129), 'tab\there', 'umlaut-\u00e4'])('refuses the key %j', async (key) => {
      const answer = await submit(key);
      // fetch strips surrounding white space, which leaves an empty header.
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].path).toBe('/idempotency-key');
    });
  });

  describe('with ?wait', () => {
    it('answers 202 with the job as it is when the time is over', async () => {
      const answer = await api.call('/v1/jobs?wait=50ms', { as: 'bob', body: job });
      expect([answer.status, answer.body.state]).toEqual([202, 'queued']);
    });

    it('answers 200 with the result when the job ends in time, and so does a repeated submission', async () => {
      await using _worker = await startWorker(api);
      const headers = { 'idempotency-key': 'wait-1' };
      const answer = await api.call('/v1/jobs?wait=60s', { as: 'bob', body: job, headers });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        state: 'ended',
        outcome: 'exited',
        result: { jobId: answer.body.id, artifacts: [{ path: 'out/plot.png' }] },
      });
      const again = await api.call('/v1/jobs', { as: 'bob', body: job, headers });
      expect([again.status, again.body.id]).toEqual([200, answer.body.id]);
    });

    it('leaves the job alone when the client goes away', async () => {
      const control = new AbortController();
      const body = { ...job, labels: { test: 'gone' } };
      const waiting = api.call('/v1/jobs?wait=60s', { as: 'bob', body, signal: control.signal });
      let id: string | undefined;
      while (id === undefined)
        id = (await api.call('/v1/jobs?label=test:gone', { as: 'bob' })).body.jobs[0]?.id;
      control.abort();
      await expect(waiting).rejects.toThrow();
      await using _worker = await startWorker(api);
      const ended = await api.call(`/v1/jobs/${id}?wait=60s`, { as: 'bob' });
      expect(ended.body.outcome).toBe('exited');
    });
  });
});

it('answers 429 with Retry-After when the tenant has as many jobs queued as it may', async () => {
  await using api = await startApi({ maxQueued: 2 });
  const submit = () => api.call('/v1/jobs', { as: 'alice', body: job });
  expect([(await submit()).status, (await submit()).status]).toEqual([202, 202]);
  const full = await submit();
  expect([full.status, full.body.code]).toEqual([429, 'tenant_full']);
  expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api.call('/v1/jobs', { as: 'bob', body: job })).status).toBe(202);
});
