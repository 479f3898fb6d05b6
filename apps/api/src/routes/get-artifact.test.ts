import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../testing/start-api.js';
import { bytesOf, resultOf, startWorker } from '../testing/start-worker.js';

const LARGE = Buffer.alloc(3 * 1024 * 1024, 'large ');
const FILES: Readonly<Record<string, Buffer>> = {
  'out/plot.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]),
  'page.html': Buffer.from('<script>alert(1)</script>'),
  'empty.txt': Buffer.alloc(0),
  'große "Datei"; %41.csv': Buffer.from('a;b'),
  '.fumehood/stdout': LARGE,
};

describe('GET /v1/jobs/{id}/artifacts/{path}', () => {
  let api: TestApi;
  let id: string;
  const pathOf = (path: string) =>
    `/v1/jobs/${id}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;

  beforeAll(async () => {
    api = await startApi();
    await using _worker = await startWorker(api, async (delivery) => {
      await delivery.begin();
      const artifacts = [];
      for (const [path, content] of Object.entries(FILES)) {
        const parts = (async function* () {
          yield content;
        })();
        artifacts.push({ path, ...(await delivery.storeArtifact(path, parts)) });
      }
      await delivery.end(resultOf(delivery, artifacts));
    });
    const answer = await api.call('/v1/jobs?wait=60s', {
      as: 'alice',
      body: { runtime: 'python', code: 'pass' },
    });
    id = answer.body.id;
    expect(answer.body.state).toBe('ended');
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it.each(Object.keys(FILES))('gives the bytes of %j, with their length and digest', async (path) => {
    const content = FILES[path] ?? Buffer.alloc(0);
    const response = await api.open(pathOf(path), { as: 'alice' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(content.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    const digest = createHash('sha256').update(content).digest('base64');
    expect(response.headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
  });

  it('never lets a browser take it for anything but a download', async () => {
    const { headers } = await api.call(pathOf('page.html'), { as: 'alice' });
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('puts no character of a name into the header unescaped', async () => {
    const { headers } = await api.call(pathOf('große "Datei"; %41.csv'), { as: 'alice' });
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="gro_e__Datei____41.csv"; filename*=UTF-8''gro%C3%9Fe%20%22Datei%22%3B%20%2541.csv`,
    );
  });

  it('answers 404 for a path that was not collected, whatever it is called', async () => {
    for (const path of [
      'nothing.txt',
      'out',
      '__proto__',
      'constructor',
      '.fumehood/stderr',
      'x'.repeat(255),
    ]) {
      const answer = await api.call(pathOf(path), { as: 'alice' });
      expect([answer.status, answer.body.code]).toEqual([404, 'artifact_not_found']);
    }
  });

  it.each([
    '%2e%2e/%2e%2e/etc/passwd',
    '../../secret',
    '%2e%2e%2fetc',
    '/etc/passwd',
    'a//b',
    'a%00b',
    'a%5Cb',
    'a%0Ab',
    'a%E2%80%AEb',
    '',
    'x'.repeat(2000),
  ])('refuses the path %.40j', async (path) => {
    // Not fetch, which puts paths into normal form.
    const { hostname, port } = new URL(api.url);
    const headers = { authorization: `Bearer ${api.keys.alice}` };
    const [response] = await once(
      get({ hostname, port, headers, path: `/v1/jobs/${id}/artifacts/${path}` }),
      'response',
    );
    response.resume();
    expect(response.statusCode).toBe(400);
  });

  it('does not wait for the artifact of a job that still runs', async () => {
    await using _worker = await startWorker(api, async (delivery) => {
      await delivery.begin();
      await delivery.storeArtifact('early.txt', bytesOf('early'));
      await new Promise<void>((resolve) => delivery.signal.addEventListener('abort', () => resolve()));
      await delivery.end({ ...resultOf(delivery), outcome: { type: 'canceled' } });
    });
    const { body } = await api.call('/v1/jobs', { as: 'alice', body: { runtime: 'python', code: 'pass' } });
    while ((await api.call(`/v1/jobs/${body.id}`, { as: 'alice' })).body.state !== 'running');
    const answer = await api.call(`/v1/jobs/${body.id}/artifacts/late.txt`, { as: 'alice' });
    expect(answer.status).toBe(404);
    await api.call(`/v1/jobs/${body.id}`, { as: 'alice', method: 'DELETE' });
    await api.call(`/v1/jobs/${body.id}?wait=60s`, { as: 'alice' });
  });
});
