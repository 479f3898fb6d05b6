import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { JobSummary } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { createClient } from './create-client.js';
import { FumehoodError } from './fumehood-error.js';
import { breakOff, type Handler, sendJson, sendProblem, serveApi } from './testing/local-api.js';
import { endedJob, JOB_ID, sampleJob } from './testing/samples.js';

const REQUEST = { runtime: 'python', code: 'print(42)' };

/** Answers the first requests each with one of the handlers, and all later ones with the last. */
function inTurn(...handlers: [Handler, ...Handler[]]): Handler {
  let call = 0;
  return (request, response) => handlers[Math.min(call++, handlers.length - 1)]?.(request, response);
}

const answering =
  (status: number, body: unknown): Handler =>
  (_, response) =>
    sendJson(response, status, body);
const refusing =
  (status: number, code: string, headers?: Record<string, string>): Handler =>
  (_, response) =>
    sendProblem(response, status, code, headers);

describe('submit', () => {
  it('posts the request with the key and an idempotency key of its own', async () => {
    await using api = await serveApi(answering(202, sampleJob()));
    expect(await api.client().submit(REQUEST)).toEqual(sampleJob());
    await api.client().submit(REQUEST);
    const [first, second] = api.received;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/v1/jobs',
      headers: { authorization: 'Bearer fh_test', 'content-type': 'application/json' },
    });
    expect(JSON.parse(first?.body ?? '')).toEqual(REQUEST);
    expect(first?.headers['idempotency-key']).toMatch(/^auto-[0-9a-f]{32}$/);
    expect(second?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
  });

  it('waits for the result when asked to', async () => {
    await using api = await serveApi(answering(200, endedJob()));
    const job = await api.client().submit(REQUEST, { waitMs: 30_000, idempotencyKey: 'mine' });
    expect(job.result?.stdout.head).toBe('42\n');
    expect(api.received[0]?.query.get('wait')).toBe('30000ms');
    expect(api.received[0]?.headers['idempotency-key']).toBe('mine');
  });

  it('tries again with the same idempotency key after 429, 503, 502 and a broken connection', async () => {
    await using api = await serveApi(
      inTurn(
        refusing(429, 'tenant_full', { 'retry-after': '0' }),
        (_, response) => breakOff(response),
        refusing(503, 'unavailable'),
        (_, response) => void response.writeHead(502).end('<html>'),
        answering(202, sampleJob()),
      ),
    );
    expect((await api.client().submit(REQUEST)).id).toBe(JOB_ID);
    expect(new Set(api.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(api.received).toHaveLength(5);
  });

  it('waits as long as Retry-After asks for', async () => {
    await using api = await serveApi(
      inTurn(refusing(429, 'tenant_full', { 'retry-after': '1' }), answering(202, sampleJob())),
    );
    const began = performance.now();
    await api.client().submit(REQUEST);
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  it('gives up after so many tries, or when the pause asked for is too long, and says how long that is', async () => {
    await using busy = await serveApi(refusing(429, 'tenant_full', { 'retry-after': '0' }));
    await expect(busy.client({ maxRetries: 1 }).submit(REQUEST)).rejects.toMatchObject({
      code: 'tenant_full',
      retryAfterMs: 0,
    });
    expect(busy.received).toHaveLength(2);
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    await using away = await serveApi(refusing(503, 'unavailable', { 'retry-after': later }));
    const error = await away
      .client()
      .submit(REQUEST)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    expect(error instanceof FumehoodError && (error.retryAfterMs ?? 0)).toBeGreaterThan(3_000_000);
    expect(away.received).toHaveLength(1);
  });

  it('does not try again what will not get better, and hands on the problem with its denials', async () => {
    const denial = { code: 'limit_above_ceiling', path: '/limits/memoryBytes', reason: 'At most 1 GiB.' };
    const problem = {
      type: 'about:blank',
      title: 'Denied',
      status: 422,
      detail: 'The policy says no.',
      code: 'policy_denied',
      denials: [denial],
    };
    await using api = await serveApi(answering(422, problem));
    await expect(api.client().submit(REQUEST)).rejects.toMatchObject({
      name: 'FumehoodError',
      code: 'policy_denied',
      status: 422,
      message: 'Denied: The policy says no.',
      problem: { denials: [denial] },
    });
    expect(api.received).toHaveLength(1);
  });

  it('refuses arguments that can not be right without sending anything', async () => {
    await using api = await serveApi(answering(202, sampleJob()));
    const client = api.client();
    const circular: Record<string, string> = {};
    Object.assign(circular, { self: circular });
    for (const attempt of [
      () => client.submit(REQUEST, { idempotencyKey: 'ü' }),
      () => client.submit(REQUEST, { idempotencyKey: '' }),
      () => client.submit(REQUEST, { waitMs: 120_001 }),
      () => client.submit(REQUEST, { waitMs: 0.5 }),
      () => client.submit({ ...REQUEST, env: circular }),
      () => client.get('../policies'),
      () => client.cancel('job_1'),
      () => client.purge(''),
      () => client.events('job_1').next(),
      () => client.artifact(JOB_ID, '../../../policies'),
      () => client.artifact(JOB_ID, 'a/./b'),
      () => client.artifact(JOB_ID, ''),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    expect(api.received).toEqual([]);
  });
});

describe('createClient', () => {
  it.each([
    '',
    'example.com',
    'ftp://example.com',
    'http://user:pass@example.com',
    'http://example.com/?q=1',
  ])('refuses the URL %j', (url) => {
    expect(() => createClient({ url, apiKey: 'fh_test' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });

  it('refuses a key that can not be a header', () => {
    for (const apiKey of ['', 'a b', 'a\r\nx-injected: 1', 'ü']) {
      expect(() => createClient({ url: 'http://localhost', apiKey })).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    }
  });

  it('keeps a path in the URL, and uses the fetch that it is given', async () => {
    const urls: string[] = [];
    const fetch = async (url: string) => {
      urls.push(url);
      return Response.json(sampleJob());
    };
    await createClient({ url: 'https://example.com/fumehood/', apiKey: 'fh_test', fetch }).get(JOB_ID);
    expect(urls).toEqual([`https://example.com/fumehood/v1/jobs/${JOB_ID}`]);
  });

  it('follows no redirect: neither code nor key go where nobody sent them', async () => {
    await using elsewhere = await serveApi(answering(200, sampleJob()));
    await using api = await serveApi(
      (_, response) => void response.writeHead(307, { location: elsewhere.url }).end(),
    );
    await expect(api.client({ maxRetries: 0 }).submit(REQUEST)).rejects.toMatchObject({ code: 'network' });
    expect(elsewhere.received).toEqual([]);
  });

  it('says that a server could not be reached', async () => {
    const gone = await serveApi(answering(200, {}));
    await gone[Symbol.asyncDispose]();
    await expect(gone.client({ maxRetries: 0 }).get(JOB_ID)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('gives up on a server that is silent, before the headers and in the middle of the body', async () => {
    const silent: Handler[] = [
      () => undefined,
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"id":');
      },
    ];
    for (const handler of silent) {
      await using api = await serveApi(handler);
      await expect(api.client({ timeoutMs: 80 }).get(JOB_ID)).rejects.toMatchObject({ code: 'timeout' });
      expect(api.received).toHaveLength(1);
    }
  });

  it('rejects with the reason of an abort, before, during and between tries', async () => {
    const reason = new Error('enough');
    await using silent = await serveApi(() => undefined);
    await expect(silent.client().get(JOB_ID, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await using busy = await serveApi(refusing(503, 'unavailable', { 'retry-after': '20' }));
    for (const api of [silent, busy]) {
      const abort = new AbortController();
      setTimeout(() => abort.abort(reason), 40);
      await expect(api.client().get(JOB_ID, { signal: abort.signal })).rejects.toBe(reason);
    }
  });
});

describe('answers', () => {
  it.each<[string, Handler, string]>([
    ['no JSON', (_, response) => void response.writeHead(200).end('{"id":'), 'not JSON'],
    [
      'bytes that are no UTF-8',
      (_, response) => void response.writeHead(200).end(Buffer.from([0x22, 0xff, 0x22])),
      'not JSON',
    ],
    ['an HTML page', (_, response) => void response.writeHead(200).end('<html>'), 'not JSON'],
    ['a job with a wrong state', answering(200, { ...sampleJob(), state: 'asleep' }), 'state'],
    ['a job without an id', answering(200, { ...sampleJob(), id: undefined }), 'id'],
    ['null', answering(200, null), 'job is not right'],
    ['a list', answering(200, []), 'job is not right'],
  ])('that are %s are a bad response that says where', async (_, handler, words) => {
    await using api = await serveApi(handler);
    await expect(api.client().get(JOB_ID)).rejects.toMatchObject({
      code: 'bad_response',
      message: expect.stringContaining(words),
    });
  });

  it('may have keys that this client does not know yet, anywhere', async () => {
    const { result, ...job } = endedJob();
    const newer = {
      ...job,
      colour: 'red',
      result: { ...result, receipt: {}, outcome: { ...result?.outcome, since: 2 } },
    };
    await using api = await serveApi(answering(200, newer));
    expect(await api.client().get(JOB_ID)).toEqual(endedJob());
  });

  it('may be errors without problem details, or with broken ones', async () => {
    const bodies: Handler[] = [
      (_, response) => void response.writeHead(500, { 'content-type': 'text/html' }).end('<html>Bad gateway'),
      (_, response) => void response.writeHead(500).end(),
      answering(500, { title: 'half a problem' }),
      (_, response) => void response.writeHead(500).end('x'.repeat(3_000_000)),
    ];
    for (const handler of bodies) {
      await using api = await serveApi(handler);
      await expect(api.client().get(JOB_ID)).rejects.toMatchObject({
        code: 'http_error',
        status: 500,
        problem: undefined,
      });
    }
  });
});

describe('list', () => {
  const id = (index: number) => `job_01jd8x4q0v9m3k7r2t5w6y8z${index.toString().padStart(2, '0')}`;
  const summary = (index: number): JobSummary => {
    const { queue: _queue, result: _result, ...job } = sampleJob({ id: id(index) });
    return job;
  };

  it('walks through the pages as they are asked for, with the filters on each', async () => {
    await using api = await serveApi(({ query }, response) => {
      const from = Number(query.get('cursor') ?? 0);
      const jobs = [summary(from), summary(from + 1)];
      sendJson(response, 200, { jobs, nextCursor: from + 2 < 6 ? String(from + 2) : null });
    });
    const seen: string[] = [];
    const filter = { state: 'queued', runtime: 'python', label: 'team:red & blue', pageSize: 2 } as const;
    for await (const job of api.client().list(filter)) seen.push(job.id);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5].map(id));
    expect(Object.fromEntries(api.received[1]?.query ?? [])).toEqual({
      state: 'queued',
      runtime: 'python',
      label: 'team:red & blue',
      limit: '2',
      cursor: '2',
    });
    for await (const _ of api.client().list()) break;
    expect(api.received).toHaveLength(4);
  });

  it('does not go in circles with a server that gives the same page again', async () => {
    await using api = await serveApi(answering(200, { jobs: [summary(0)], nextCursor: 'same' }));
    const all = async () => {
      for await (const _ of api.client().list());
    };
    await expect(all()).rejects.toMatchObject({ code: 'bad_response' });
    expect(api.received).toHaveLength(2);
  });
});

describe('cancel and purge', () => {
  const requests = (received: readonly { method: string; path: string; query: URLSearchParams }[]) =>
    received.map(({ method, path, query }) => `${method} ${path}?${query}`);
  const cancel = `DELETE /v1/jobs/${JOB_ID}?only=cancel`;
  const purge = `DELETE /v1/jobs/${JOB_ID}?only=purge`;

  it('cancels a job that lives', async () => {
    await using api = await serveApi(
      answering(202, sampleJob({ state: 'running', queue: null, cancelRequested: true })),
    );
    expect((await api.client().cancel(JOB_ID)).cancelRequested).toBe(true);
    expect(requests(api.received)).toEqual([cancel]);
  });

  it('does not purge a job that has ended instead of canceling it, not even when the first try got lost', async () => {
    let deletes = 0;
    await using api = await serveApi((_, response) => {
      if (++deletes === 1) return breakOff(response);
      sendJson(response, 202, endedJob());
    });
    expect((await api.client().cancel(JOB_ID)).state).toBe('ended');
    expect(requests(api.received)).toEqual([cancel, cancel]);
  });

  it('purges a job that has ended, also when the answer to the first try got lost', async () => {
    let deletes = 0;
    await using api = await serveApi((_, response) => {
      if (++deletes === 1) return breakOff(response);
      sendProblem(response, 404, 'job_not_found');
    });
    await api.client().purge(JOB_ID);
    expect(requests(api.received)).toEqual([purge, purge]);
  });

  it('says so when the job to purge still lives', async () => {
    await using api = await serveApi((_, response) => sendProblem(response, 409, 'job_not_ended'));
    await expect(api.client().purge(JOB_ID)).rejects.toMatchObject({ code: 'job_not_ended' });
  });
});

describe('artifact', () => {
  const CONTENT = Buffer.alloc(400_000, 'a,b\n1,2\n');
  const DIGEST = createHash('sha256').update(CONTENT).digest();

  it('streams the bytes, with size and digest, from a path whose parts are encoded', async () => {
    await using api = await serveApi((_, response) => {
      response.writeHead(200, {
        'content-length': CONTENT.length,
        'repr-digest': `sha-256=:${DIGEST.toString('base64')}:`,
      });
      response.end(CONTENT);
    });
    const path = 'out/a b?c#d%2e/ü.csv';
    const artifact = await api.client().artifact(JOB_ID, path);
    expect(artifact).toMatchObject({ bytes: CONTENT.length, digest: `sha256:${DIGEST.toString('hex')}` });
    expect(await text(artifact.content)).toBe(CONTENT.toString());
    expect(decodeURIComponent(api.received[0]?.path ?? '')).toBe(`/v1/jobs/${JOB_ID}/artifacts/${path}`);
    expect(Buffer.from(await (await api.client().artifact(JOB_ID, 'x')).read())).toEqual(CONTENT);
    await expect((await api.client().artifact(JOB_ID, 'x')).read(1_000)).rejects.toMatchObject({
      code: 'bad_response',
    });
  });

  it('rejects when the connection breaks before all bytes came', async () => {
    await using api = await serveApi((_, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 10_000), () => breakOff(response));
    });
    const artifact = await api.client().artifact(JOB_ID, 'x');
    await expect(artifact.read()).rejects.toMatchObject({ code: 'network' });
  });

  it('says that there is none', async () => {
    await using api = await serveApi(refusing(404, 'artifact_not_found'));
    await expect(api.client().artifact(JOB_ID, 'x')).rejects.toMatchObject({
      code: 'artifact_not_found',
      status: 404,
    });
  });
});

describe('the fleet', () => {
  const fleet: Record<string, unknown> = {
    '/v1/policies': {
      policies: [{ policy: { name: 'default', limits: {} }, digest: 'sha256:00', isDefault: true, extra: 1 }],
    },
    '/v1/runtimes': {
      runtimes: [
        {
          name: 'python',
          title: 'Python',
          aliases: {},
          entry: 'main.py',
          run: ['python3', '{entry}'],
          env: {},
          minimums: {},
          imageDigest: `sha256:${'0'.repeat(64)}`,
        },
      ],
      missing: [],
    },
    '/v1/workers': { workers: [] },
    '/v1/plan': {
      denials: [{ code: 'entry_missing', path: '/entry', reason: 'Name a file.' }],
      explanation: 'Denied.',
    },
    '/v1/audit': {
      ok: false,
      writers: [
        {
          writer: 'api-1',
          events: 3,
          ok: false,
          fault: { kind: 'gap', sequence: 1, detail: 'Event 1 is missing.' },
          head: { writer: 'api-1', sequence: 5, hash: 'sha256:00', signature: 'hmac-sha256:00' },
        },
      ],
    },
  };

  it('says what there is, what would run, and whether its audit trail is whole', async () => {
    await using api = await serveApi(({ path }, response) => sendJson(response, 200, fleet[path]));
    const client = api.client();
    expect(await client.policies()).toEqual([
      { policy: { name: 'default', limits: {} }, digest: 'sha256:00', isDefault: true },
    ]);
    expect(await client.runtimes()).toMatchObject([{ name: 'python', entry: 'main.py' }]);
    expect(await client.workers()).toEqual([]);
    expect(await client.plan(REQUEST)).toEqual(fleet['/v1/plan']);
    expect(await client.audit()).toMatchObject({
      ok: false,
      writers: [{ writer: 'api-1', fault: { kind: 'gap', sequence: 1 }, head: { sequence: 5 } }],
    });
  });

  it('is a bad response when anything of it is missing', async () => {
    await using api = await serveApi(answering(200, {}));
    const client = api.client();
    for (const call of [
      () => client.policies(),
      () => client.runtimes(),
      () => client.workers(),
      () => client.plan(REQUEST),
      () => client.audit(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'bad_response' });
    }
  });
});
