import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_JSON_VALUES } from './json-body.js';
import { badRequests, changed, type Schema } from './testing/bad-values.js';
import { SAMPLE_REQUESTS } from './testing/sample-requests.js';
import { type Answer, startApi, type TestApi } from './testing/start-api.js';

interface Parameter {
  readonly in: 'query' | 'path' | 'header';
  readonly name: string;
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const BODY_LIMIT = 2 * 1024 * 1024;
const [GOOD] = SAMPLE_REQUESTS;
const ID = `job_${'0'.repeat(26)}`;

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await startApi({ options: { bodyLimitBytes: BODY_LIMIT } });
  document = (await api.call('/openapi.json')).body;
});
afterAll(() => api[Symbol.asyncDispose]());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
const filled = (path: string) => path.replace('{id}', ID).replace('{path}', 'out.txt');

function expectPointer(answer: Answer, pointer: string, what: string): void {
  expect([what, answer.status, answer.body?.code]).toEqual([what, 400, 'invalid_request']);
  const paths = answer.body.errors.map(({ path }: { path: string }) => path);
  expect(paths, `${what}: ${JSON.stringify(answer.body.errors)}`).toContain(pointer);
  for (const { message } of answer.body.errors) expect(message.length).toBeGreaterThan(5);
}

describe('a body', () => {
  it('is refused for every way in which any one field can be wrong, with a pointer to it', async () => {
    const bodies = operations().filter(({ operation }) => operation.requestBody !== undefined);
    expect(bodies.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/jobs', 'POST /v1/plan']);
    for (const { path, method, operation } of bodies) {
      const schema = operation.requestBody?.content['application/json'].schema ?? {};
      const cases = badRequests(schema, SAMPLE_REQUESTS, document.components.schemas);
      expect(cases.length).toBeGreaterThan(250);
      for (const { title, pointer, body } of cases) {
        const answer = await api.call(path, { as: 'alice', method, body: JSON.stringify(body) });
        expectPointer(answer, pointer, `${path} ${title}`);
      }
    }
  }, 120_000);

  it.each([
    ['a limit of 0', ['limits', 'pids'], 0],
    ['a limit of -1', ['limits', 'memoryBytes'], -1],
    ['a limit of null', ['limits', 'wallTimeMs'], null],
    ['a limit of "1"', ['limits', 'wallTimeMs'], '1'],
    ['binds', ['binds'], ['/:/host']],
    ['privileged', ['privileged'], true],
    ['securityOpt', ['securityOpt'], ['seccomp=unconfined']],
    ['annotations', ['annotations'], { a: 'b' }],
    ['an image', ['image'], 'docker.io/evil'],
    ['a webhook', ['webhook'], 'http://127.0.0.1:6379/'],
    ['env with a NUL', ['env', 'A'], 'a\0b'],
    ['env LD_PRELOAD', ['env', 'LD_PRELOAD'], '/evil.so'],
    ['an env value too long', ['env', 'A'], 'x'.repeat(1024 * 1024)],
    ['a lone surrogate in the code', ['code'], 'a\ud800b'],
    ['a lone surrogate in a label', ['labels', 'team'], '\udfff'],
    ['a file path that leaves', ['files', 0, 'path'], '../../etc/passwd'],
    ['an absolute file path', ['files', 0, 'path'], '/etc/passwd'],
    ['a reserved file path', ['files', 0, 'path'], '.fumehood/stdout'],
    ['a file path 1,000 deep', ['files', 0, 'path'], Array.from({ length: 1000 }, () => 'a').join('/')],
    ['an artifact pattern that leaves', ['artifacts', 0], '../*'],
    ['an egress host that is an address', ['egress', 0, 'host'], '169.254.169.254'],
    ['an egress host with a trailing dot', ['egress', 0, 'host'], 'api.example.com.'],
    ['base64 that is none', ['stdinBase64'], '!!!'],
  ] as const)('with %s is refused', async (what, path, value) => {
    const answer = await api.call('/v1/jobs', { as: 'alice', body: changed(GOOD, path, value) });
    expectPointer(answer, path.map((part) => `/${part}`).join(''), what);
  });

  it.each([
    [
      'more than 256 variables',
      { env: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`V${index}`, ''])) },
      '/env',
    ],
    [
      'more than 32 labels',
      { labels: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, ''])) },
      '/labels',
    ],
    ['stdin twice', { stdin: '', stdinBase64: '' }, '/stdinBase64'],
    [
      'a file twice',
      {
        files: [
          { path: 'a', content: '' },
          { path: 'a', content: '' },
        ],
      },
      '/files/1/path',
    ],
    ['a file without content', { files: [{ path: 'a' }] }, '/files/0'],
  ])('with %s is refused', async (what, part, pointer) => {
    expectPointer(await api.call('/v1/jobs', { as: 'alice', body: { ...GOOD, ...part } }), pointer, what);
  });

  it('without a runtime is refused', async () => {
    expectPointer(await api.call('/v1/jobs', { as: 'alice', body: {} }), '/runtime', 'no runtime');
  });

  it.each(['null', '7', '"text"', 'true', '[]', '[{}]'])(
    'that is %s instead of an object is refused',
    async (body) => {
      expectPointer(await api.call('/v1/jobs', { as: 'alice', body }), '', body);
    },
  );

  it('that is missing is refused', async () => {
    expectPointer(await api.call('/v1/jobs', { as: 'alice', method: 'POST' }), '', 'no body');
  });

  it('above any one ceiling of the policy is denied, never clamped', async () => {
    const ceilings = (await api.call('/v1/policies', { as: 'alice' })).body.policies[0].policy.limits
      .ceilings;
    for (const [name, ceiling] of Object.entries<number>(ceilings)) {
      const answer = await api.call('/v1/jobs', {
        as: 'alice',
        body: { ...GOOD, limits: { [name]: ceiling + 1 } },
      });
      expect([name, answer.status, answer.body.code]).toEqual([name, 422, 'policy_denied']);
      const denied = answer.body.denials.map(
        ({ code, path }: { code: string; path: string }) => `${code} ${path}`,
      );
      expect(denied).toContain(`limit_above_ceiling /limits/${name}`);
    }
  });

  it('with more input than its limit allows is denied', async () => {
    const answer = await api.call('/v1/jobs', {
      as: 'alice',
      body: { ...GOOD, code: 'x'.repeat(1024 * 1024 + 1) },
    });
    expect([answer.status, answer.body.denials[0].code]).toEqual([422, 'input_too_large']);
  });

  it('with every field nested 10,000 deep is refused before it is parsed', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    for (const field of Object.keys(GOOD)) {
      const body = JSON.stringify({ ...GOOD, [field]: 'DEEP' }).replace('"DEEP"', deep);
      const answer = await api.call('/v1/jobs', { as: 'alice', body });
      expect([field, answer.status, answer.body.code]).toEqual([field, 400, 'json_too_complex']);
    }
  });

  it('with a million values is refused before it is parsed', async () => {
    const body = `{"runtime":"python","args":[${'0,'.repeat(500_000)}0]}`;
    const answer = await api.call('/v1/jobs', { as: 'alice', body });
    expect([answer.status, answer.body.code]).toEqual([400, 'json_too_complex']);
    expect(answer.body.detail).toContain(String(MAX_JSON_VALUES));
  });

  it.each(['{"runtime":', '', 'runtime=python', '{"runtime":"python"} x', "{'runtime':'python'}"])(
    'that is not JSON is refused: %j',
    async (text) => {
      const answer = await api.call('/v1/jobs', { as: 'alice', body: text });
      expect(answer.status).toBe(400);
      expect(['malformed_json', 'invalid_request']).toContain(answer.body.code);
    },
  );

  it('that reaches for a prototype is refused, wherever it does, and prototypes stay clean', async () => {
    for (const poison of [
      '"__proto__":{"polluted":1}',
      '"constructor":{"prototype":{"polluted":1}}',
      '"\\u005f_proto__":{"polluted":1}',
    ]) {
      for (const field of ['limits', 'env', 'labels'] as const) {
        const nested = JSON.stringify({ ...GOOD, [field]: 'HERE' }).replace('"HERE"', `{${poison}}`);
        const top = JSON.stringify(GOOD).replace('{', `{${poison},`);
        for (const body of [nested, top]) {
          const answer = await api.call('/v1/jobs', { as: 'alice', body });
          expect([answer.status, answer.body.code]).toEqual([400, 'forbidden_key']);
        }
      }
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'may have a variable called %s, which stays just that',
    async (name) => {
      const answer = await api.call('/v1/plan', {
        as: 'alice',
        body: { runtime: 'python', code: '', env: { [name]: 'x' } },
      });
      expect(answer.status).toBe(200);
      expect(Object.entries(answer.body.plan.command.env)).toContainEqual([name, 'x']);
    },
  );

  it('that is too large is refused by its announced length, and by its real one', async () => {
    const announced = await api.call('/v1/jobs', {
      as: 'alice',
      body: { ...GOOD, code: 'x'.repeat(BODY_LIMIT) },
    });
    expect([announced.status, announced.body.code]).toEqual([413, 'body_too_large']);
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1024, ' ')),
    });
    const streamed = await fetch(`${api.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.keys.alice}`, 'content-type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      (response) => response.status,
      // The server closes the connection on a client that goes on sending.
      () => 413,
    );
    expect(streamed).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '*/*',
  ])('declared as %s is refused', async (type) => {
    const answer = await api.call('/v1/jobs', { as: 'alice', body: GOOD, headers: { 'content-type': type } });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('of any JSON at all, in any field, gets an answer that is no failure of ours', async () => {
    const field = fc.constantFrom(...Object.keys(GOOD));
    await fc.assert(
      fc.asyncProperty(field, fc.jsonValue(), async (name, value) => {
        const answer = await api.call('/v1/plan', { as: 'alice', body: { ...GOOD, [name]: value } });
        expect(answer.status, JSON.stringify([name, value])).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes at all gets an answer that is no failure of ours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await api.call('/v1/plan', { as: 'alice', body: bytes })).status).toBe(400);
      }),
      { numRuns: 100 },
    );
  });

  it('with 5,000 unknown keys gets a short answer', async () => {
    const body = {
      runtime: 'python',
      ...Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1])),
    };
    const answer = await api.call('/v1/jobs', { as: 'alice', body });
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThan(64 * 1024);
  });
});

describe('a query string', () => {
  it('with an unknown parameter is refused by every endpoint that looks at it', async () => {
    const checked = operations().filter(({ path }) => path.startsWith('/v1/'));
    for (const { path, method } of checked) {
      const body = method === 'POST' ? GOOD : undefined;
      const answer = await api.call(`${filled(path)}?zzz=1`, { as: 'ops', method, body });
      expectPointer(answer, '/zzz', `${method} ${path}`);
    }
  });

  it('with any one parameter wrong is refused, with a pointer to it', async () => {
    const cases = operations().flatMap(({ path, method, operation }) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .map((parameter) => ({ path, method, ...parameter })),
    );
    expect(cases.map(({ path, name }) => `${path} ${name}`)).toContain('/v1/jobs wait');
    for (const { path, method, name, schema } of cases) {
      const body = method === 'POST' ? GOOD : undefined;
      const values = [
        '',
        '\0',
        'x'.repeat(600),
        ...(schema.maximum === undefined ? [] : [`${schema.maximum + 1}`, '1.5', '-1', '1e2', '0x1']),
      ];
      if (schema.minimum !== undefined && schema.minimum > 0) values.push(`${schema.minimum - 1}`);
      for (const value of values) {
        const answer = await api.call(`${filled(path)}?${name}=${encodeURIComponent(value)}`, {
          as: 'ops',
          method,
          body,
        });
        expectPointer(answer, `/${name}`, `${method} ${path}?${name}=${JSON.stringify(value.slice(0, 20))}`);
      }
      const good = 'python';
      const twice = await api.call(`${filled(path)}?${name}=${good}&${name}=${good}`, {
        as: 'ops',
        method,
        body,
      });
      expectPointer(twice, `/${name}`, `${method} ${path}?${name} twice`);
    }
  });

  it.each(['121s', '3m', '1h', '-1s', '30', '1.5s', '1e9ms'])('with ?wait=%s is refused', async (wait) => {
    expectPointer(await api.call(`/v1/jobs?wait=${wait}`, { as: 'alice', body: GOOD }), '/wait', wait);
  });
});

describe('a path and its headers', () => {
  it('with an id that no job can have is refused by every endpoint of a job', async () => {
    const paths = operations().filter(({ path }) => path.includes('{id}'));
    expect(paths.length).toBe(4);
    for (const { path, method } of paths) {
      for (const id of ['x', 'job_', ID.toUpperCase(), `${ID}0`, '__proto__', '%00', '*', '..%2f..']) {
        const answer = await api.call(path.replace('{id}', id).replace('{path}', 'a'), {
          as: 'alice',
          method,
        });
        expectPointer(answer, '/id', `${method} ${path} ${id}`);
      }
    }
  });

  it('with any one header wrong is refused, with a pointer to it', async () => {
    const cases = operations().flatMap(({ path, method, operation }) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'header')
        .map(({ name }) => ({ path, method, name })),
    );
    expect(cases.map(({ name }) => name).sort()).toEqual(['idempotency-key', 'last-event-id']);
    for (const { path, method, name } of cases) {
      for (const value of ['', 'x'.repeat(129), '\u00e4', 'a\tb']) {
        const body = method === 'POST' ? GOOD : undefined;
        const answer = await api.call(filled(path), {
          as: 'alice',
          method,
          body,
          headers: { [name]: value },
        });
        expectPointer(answer, `/${name}`, `${name}: ${value.slice(0, 10)}`);
      }
    }
  });
});
