import { AuditError } from '@fumehood/audit';
import { QUEUE_ERRORS, QueueError, type QueueErrorCode } from '@fumehood/queue';
import { ProblemSchema } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asApiError } from './problem-reply.js';
import { PROBLEM_CODES, PROBLEMS, problemKind } from './problems.js';
import { redisCommand } from './testing/redis-command.js';
import { type Answer, startApi, type TestApi } from './testing/start-api.js';

const job = { runtime: 'python', code: 'pass' };

it('asks to try again for exactly the problems that time solves', () => {
  for (const code of PROBLEM_CODES) {
    const { status, retryAfterSeconds } = problemKind(code);
    expect([code, retryAfterSeconds !== undefined]).toEqual([code, status === 429 || status === 503]);
  }
});

it.each(Object.keys(QUEUE_ERRORS) as QueueErrorCode[])(
  'knows what to answer to the queue error %s',
  (code) => {
    const problem = asApiError(new QueueError(code, 'a message for the log with a secret in it'));
    expect(PROBLEMS[problem.code].status).toBeGreaterThanOrEqual(400);
    expect(problem.message).not.toContain('secret');
  },
);

it('tells nothing of an error that it does not know', () => {
  for (const error of [new Error('secret'), 'secret', undefined, new AuditError('conflict', 'secret')]) {
    const problem = asApiError(error);
    expect([problem.code, problem.message.includes('secret')]).toEqual(['internal', false]);
  }
});

describe('every answer that is an error', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each<[status: number, code: string, ask: () => Promise<Answer>]>([
    [404, 'not_found', () => api.call('/nope')],
    [404, 'not_found', () => api.call('/nope', { method: 'POST', body: '{"not json' })],
    [404, 'not_found', () => api.call('/v2/jobs')],
    [404, 'not_found', () => api.call('/docs/static/nope.js')],
    [405, 'method_not_allowed', () => api.call('/v1/jobs', { method: 'PUT', body: job })],
    [405, 'method_not_allowed', () => api.call('/v1/jobs', { method: 'OPTIONS' })],
    [405, 'method_not_allowed', () => api.call('/v1/plan')],
    [405, 'method_not_allowed', () => api.call('/healthz', { method: 'DELETE' })],
    [400, 'malformed_http', () => api.call('/v1/jobs/%E0%A4%A')],
    [414, 'url_too_long', () => api.call(`/v1/jobs/${'x'.repeat(1000)}`)],
    [431, 'headers_too_large', () => api.call('/healthz', { headers: { 'x-large': 'x'.repeat(20_000) } })],
    [401, 'unauthenticated', () => api.call('/v1/jobs')],
    [403, 'forbidden', () => api.call('/v1/workers', { as: 'alice' })],
    [400, 'invalid_request', () => api.call('/v1/jobs', { as: 'alice', body: {} })],
    [400, 'malformed_json', () => api.call('/v1/jobs', { as: 'alice', body: '{' })],
    [
      415,
      'unsupported_media_type',
      () => api.call('/v1/jobs', { as: 'alice', body: job, headers: { 'content-type': 'text/plain' } }),
    ],
    [
      422,
      'policy_denied',
      () => api.call('/v1/jobs', { as: 'alice', body: { ...job, limits: { cpus: 99 } } }),
    ],
  ])('is a problem: %i %s', async (status, code, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body?.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const problem = ProblemSchema.parse(answer.body);
    expect(problem.type).toBe(`https://fumehood.dev/problems/${code}`);
    expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
  });

  it('names the methods that a path has', async () => {
    const { headers } = await api.call('/v1/jobs', { method: 'PATCH' });
    expect(headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('allows no other origin anything', async () => {
    const { headers } = await api.call('/v1/jobs', {
      as: 'alice',
      headers: { origin: 'https://evil.example' },
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

it('answers 500 with nothing but a requestId that the log has, too', async () => {
  await using api = await startApi();
  // A record that nobody can have written: the queue throws `corrupt`.
  const { body } = await api.call('/v1/jobs', { as: 'alice', body: job });
  await redisCommand(api.redis.url, ['HSET', `{fumehood}:record:${body.id}`, 'labels', '"secret-label"']);
  const answer = await api.call(`/v1/jobs/${body.id}`, { as: 'alice' });
  expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
  expect(answer.text).not.toContain('secret-label');
  expect(api.logs()).toContain(answer.body.requestId);
});

describe('request bodies held at once', () => {
  it('are bounded, with 503 beyond, and a tenant gets half', async () => {
    await using api = await startApi({ options: { bodyLimitBytes: 100_000, bodyBudgetBytes: 200_000 } });
    const control = new AbortController();
    const stuck = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const upload = fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.keys.alice}`, 'content-type': 'application/json' },
      body: stuck,
      duplex: 'half',
      signal: control.signal,
    } as RequestInit);
    let refused = await api.call('/v1/jobs', { as: 'alice', body: job });
    while (refused.status === 202) refused = await api.call('/v1/jobs', { as: 'alice', body: job });
    expect([refused.status, refused.body.code]).toEqual([503, 'overloaded']);
    expect((await api.call('/v1/jobs', { as: 'bob', body: job })).status).toBe(202);
    control.abort();
    await expect(upload).rejects.toThrow();
    while ((await api.call('/v1/jobs', { as: 'alice', body: job })).status !== 202);
  });
});
