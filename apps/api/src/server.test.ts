import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startApi } from './testing/start-api.js';

/** Keeps the event loop busy, as too many requests would. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

it('sheds load with 503 while the event loop falls behind, but stays alive and observable', async () => {
  await using api = await startApi({ options: { maxEventLoopDelayMs: 50 } });
  let answer = await api.call('/v1/runtimes', { as: 'alice' });
  while (answer.status === 200) {
    block(400);
    answer = await api.call('/v1/runtimes', { as: 'alice' });
  }
  expect([answer.status, answer.body.code]).toEqual([503, 'overloaded']);
  expect(answer.headers.get('retry-after')).toBe('1');
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    expect((await api.call(path, { as: 'ops' })).status).toBe(200);
  }
  while (answer.status === 503) answer = await api.call('/v1/runtimes', { as: 'alice' });
  expect(answer.status).toBe(200);
});

it('refuses a request that arrives while it closes, and closes the connection', async () => {
  await using api = await startApi();
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  socket.write(`GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.keys.alice}\r\n`);
  // Answered after the server has read the above: both go through one event loop.
  expect((await api.call('/healthz')).status).toBe(200);
  const closing = api.server.close();
  socket.write('\r\n');
  await once(socket, 'close');
  await closing;
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  expect(text).toMatch(/"code":"draining"/);
  expect(text).toMatch(/connection: close/i);
});

it('gives every request an id of its own, and takes none from outside', async () => {
  await using api = await startApi();
  const ids = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const { headers } = await api.call('/healthz', {
        headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
      });
      return headers.get('x-request-id');
    }),
  );
  expect(new Set(ids).size).toBe(10);
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
});

it('answers bytes that are no HTTP with a problem', async () => {
  await using api = await startApi();
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  socket.write('EHLO mail.example.com\r\n\r\n');
  await once(socket, 'close');
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text).toContain('"code":"malformed_http"');
});
