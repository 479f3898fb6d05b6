import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../testing/start-api.js';
import { resultOf, startWorker, succeed } from '../testing/start-worker.js';

const job = { runtime: 'python', code: 'pass' };
const UNKNOWN = `job_${'0'.repeat(26)}`;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const submit = async (request: object = {}, as: 'alice' | 'bob' | 'ops' = 'alice'): Promise<string> =>
  (await api.call('/v1/jobs', { as, body: { ...job, ...request } })).body.id;

async function ended(request: object = {}): Promise<string> {
  await using _worker = await startWorker(api);
  const { body } = await api.call('/v1/jobs?wait=60s', { as: 'alice', body: { ...job, ...request } });
  expect(body.state).toBe('ended');
  return body.id;
}

describe('GET /v1/jobs/{id}', () => {
  it('gives the job with its place in the queue, later with its result', async () => {
    const id = await submit();
    expect((await api.call(`/v1/jobs/${id}`, { as: 'alice' })).body).toMatchObject({
      id,
      state: 'queued',
      queue: { position: expect.any(Number) },
      result: null,
    });
    await using _worker = await startWorker(api);
    const later = await api.call(`/v1/jobs/${id}?wait=60s`, { as: 'alice' });
    expect(later.body).toMatchObject({
      id,
      state: 'ended',
      outcome: 'exited',
      queue: null,
      result: { jobId: id },
    });
  });

  it('answers at once with 404 for a job that is not there, even when asked to wait', async () => {
    const answer = await api.call(`/v1/jobs/${UNKNOWN}?wait=2m`, { as: 'alice' });
    expect([answer.status, answer.body.code]).toEqual([404, 'job_not_found']);
  });
});

describe('GET /v1/jobs', () => {
  it('lists newest first, page by page, each job once', async () => {
    const ids = [];
    for (let index = 0; index < 5; index++) ids.push(await submit({}, 'ops'));
    const seen: string[] = [];
    let query = '?limit=2';
    for (;;) {
      const { body } = await api.call(`/v1/jobs${query}`, { as: 'ops' });
      expect(body.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...body.jobs.map(({ id }: { id: string }) => id));
      if (body.nextCursor === null) break;
      query = `?limit=2&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
    expect(seen).toEqual([...ids].reverse());
  });

  it.each([
    ['state=queued', true],
    ['state=running', false],
    ['runtime=bash', true],
    ['runtime=python', false],
    ['label=filter:a', true],
    ['label=filter', true],
    ['label=filter:b', false],
    ['label=constructor', false],
    ['label=other:a:b=c', true],
  ])('filters by %s', async (query, isFound) => {
    const id = await submit({ runtime: 'bash', policy: 'wide', labels: { filter: 'a', other: 'a:b=c' } });
    const { body } = await api.call(`/v1/jobs?limit=200&${query}`, { as: 'alice' });
    expect(body.jobs.some((found: { id: string }) => found.id === id)).toBe(isFound);
  });

  it('refuses a cursor that it has not given out', async () => {
    const answer = await api.call('/v1/jobs?cursor=abc', { as: 'alice' });
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, '/cursor']);
  });
});

describe('DELETE /v1/jobs/{id}', () => {
  const remove = (id: string, query = '') =>
    api.call(`/v1/jobs/${id}${query}`, { as: 'alice', method: 'DELETE' });

  it('cancels a job that waits, and records that it was asked to', async () => {
    const id = await submit();
    const answer = await remove(id);
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ id, state: 'ended', outcome: 'canceled' });
    const types = (await api.audited()).filter(({ jobId }) => jobId === id).map(({ type }) => type);
    expect(types).toEqual(['job.submitted', 'job.cancel_requested']);
  });

  it('tells the worker of a job that runs', async () => {
    let reason: unknown;
    await using _worker = await startWorker(api, async (delivery) => {
      if (delivery.job.request.labels.run !== 'long') return await succeed(delivery);
      await delivery.begin();
      await new Promise<void>((resolve) => delivery.signal.addEventListener('abort', () => resolve()));
      reason = delivery.signal.reason.code;
      await delivery.end({ ...resultOf(delivery), outcome: { type: 'canceled' } });
    });
    const id = await submit({ labels: { run: 'long' } });
    while ((await api.call(`/v1/jobs/${id}`, { as: 'alice' })).body.state !== 'running');
    const answer = await remove(id);
    expect([answer.status, answer.body.cancelRequested]).toEqual([202, true]);
    const { body } = await api.call(`/v1/jobs/${id}?wait=60s`, { as: 'alice' });
    expect([body.outcome, reason]).toEqual(['canceled', 'canceled']);
  });

  it('purges a job that has ended: afterwards it never was', async () => {
    const id = await ended();
    const answer = await remove(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    for (const path of ['', '/events', '/artifacts/out/plot.png']) {
      expect((await api.call(`/v1/jobs/${id}${path}`, { as: 'alice' })).status).toBe(404);
    }
    expect((await remove(id)).status).toBe(404);
    expect((await api.audited()).filter(({ jobId }) => jobId === id).at(-1)?.type).toBe('job.purged');
  });

  it('keeps a result when told to do nothing but cancel', async () => {
    const id = await ended();
    const answer = await remove(id, '?only=cancel');
    expect([answer.status, answer.body.state]).toEqual([202, 'ended']);
    expect((await api.call(`/v1/jobs/${id}`, { as: 'alice' })).body.result).not.toBeNull();
  });

  it('refuses to purge a job that has not ended', async () => {
    const id = await submit();
    const answer = await remove(id, '?only=purge');
    expect([answer.status, answer.body.code]).toEqual([409, 'job_not_ended']);
    await remove(id);
  });

  it('takes a content type without a body, as many clients send it', async () => {
    const id = await submit();
    const answer = await api.call(`/v1/jobs/${id}`, {
      as: 'alice',
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(202);
  });
});
