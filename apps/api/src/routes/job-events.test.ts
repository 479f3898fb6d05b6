import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '@fumehood/queue';
import { JobEventSchema } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../testing/start-api.js';
import { resultOf, startWorker } from '../testing/start-worker.js';

const job = { runtime: 'python', code: 'pass' };

interface Frame {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: the data of every kind of event
  readonly data: any;
}

/** The events in a stream's text; comments and retry hints are left out. */
const framesOf = (text: string): Frame[] =>
  text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
    });

async function speak(delivery: Delivery): Promise<void> {
  await delivery.begin();
  for (const [stream, text] of [
    ['stdout', 'one\n'],
    ['stderr', 'two\n'],
    ['stdout', 'three\n'],
  ] as const) {
    await delivery.output(stream, Buffer.from(text));
    await delivery.flush();
  }
  await delivery.end(resultOf(delivery));
}

describe('GET /v1/jobs/{id}/events', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ options: { heartbeatMs: 50, maxHeldPerTenant: 3 } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const submit = async (as: 'alice' | 'bob' = 'alice'): Promise<string> =>
    (await api.call('/v1/jobs', { as, body: job })).body.id;

  it('tells all that happens to a job, in order, and ends after the result', async () => {
    const id = await submit();
    const response = await api.open(`/v1/jobs/${id}/events`, { as: 'alice' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    await using _worker = await startWorker(api, speak);
    const text = await response.text();
    expect(text).toMatch(/^retry: \d+\n\n/);
    const frames = framesOf(text);
    for (const { event, data } of frames) expect(JobEventSchema.parse(data).type).toBe(event);
    const told = frames.map(({ event, data }) => (event === 'state' ? data.state : (data.data ?? event)));
    expect(told).toEqual(['queued', 'assigned', 'running', 'one\n', 'two\n', 'three\n', 'ended', 'result']);
    expect(frames.at(-1)?.data.result.jobId).toBe(id);
  });

  it.each([
    ['Last-Event-ID', (id: string) => ({ headers: { 'last-event-id': id } })],
    ['?after', (id: string) => ({ query: `?after=${id}` })],
  ] as const)('goes on behind every event that %s can name', async (_name, at) => {
    await using _worker = await startWorker(api, speak);
    const id = await submit();
    const all = framesOf((await api.call(`/v1/jobs/${id}/events`, { as: 'alice' })).text);
    for (const [index, frame] of all.entries()) {
      const { headers, query } = { headers: {}, query: '', ...at(frame.id) };
      const rest = await api.call(`/v1/jobs/${id}/events${query}`, { as: 'alice', headers });
      const isLast = index === all.length - 1;
      // 204 tells a browser's EventSource to stop reconnecting.
      expect(rest.status).toBe(isLast ? 204 : 200);
      expect(framesOf(rest.text)).toEqual(all.slice(index + 1));
    }
  });

  it('loses and repeats nothing when a stream breaks in the middle', async () => {
    const id = await submit();
    const control = new AbortController();
    const response = await api.open(`/v1/jobs/${id}/events`, { as: 'alice', signal: control.signal });
    const first: Frame[] = [];
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        const whole = text.slice(0, text.lastIndexOf('\n\n') + 2);
        if (framesOf(whole).length >= 3) {
          first.push(...framesOf(whole));
          control.abort();
        }
      }
    })();
    await using _worker = await startWorker(api, speak);
    await reading.catch(() => undefined);
    const rest = await api.call(`/v1/jobs/${id}/events`, {
      as: 'alice',
      headers: { 'last-event-id': first.at(-1)?.id ?? '' },
    });
    const ids = [...first, ...framesOf(rest.text)].map((frame) => frame.id);
    const all = framesOf((await api.call(`/v1/jobs/${id}/events`, { as: 'alice' })).text);
    expect(ids).toEqual(all.map((frame) => frame.id));
  });

  it('writes heartbeats while nothing happens', async () => {
    const id = await submit();
    const control = new AbortController();
    const response = await api.open(`/v1/jobs/${id}/events`, { as: 'alice', signal: control.signal });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(': heartbeat')) break;
    }
    control.abort();
    expect(text).toContain(': heartbeat\n\n');
  });

  it('lets a tenant hold so many streams open, and one more when one was closed', async () => {
    const id = await submit('bob');
    const controls = Array.from({ length: 3 }, () => new AbortController());
    for (const { signal } of controls) {
      expect((await api.open(`/v1/jobs/${id}/events`, { as: 'bob', signal })).status).toBe(200);
    }
    const refused = await api.call(`/v1/jobs/${id}/events`, { as: 'bob' });
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_streams']);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect((await api.call('/v1/jobs?wait=1s', { as: 'bob', body: job })).status).toBe(429);
    controls[0]?.abort();
    const last = new AbortController();
    let status = 429;
    while (status === 429)
      status = (await api.open(`/v1/jobs/${id}/events`, { as: 'bob', signal: last.signal })).status;
    expect(status).toBe(200);
    for (const control of [...controls, last]) control.abort();
  });

  it('gives a place back when the job is not there', async () => {
    for (let index = 0; index < 5; index++) {
      const answer = await api.call(`/v1/jobs/job_${'0'.repeat(26)}/events`, { as: 'alice' });
      expect(answer.status).toBe(404);
    }
  });

  it('has no HEAD, which would open a stream that nobody reads', async () => {
    const id = await submit();
    expect((await api.open(`/v1/jobs/${id}/events`, { as: 'alice', method: 'HEAD' })).status).toBe(405);
  });
});

it('cuts off a reader that stands still, and holds little for it until then', async () => {
  await using api = await startApi({ options: { stallTimeoutMs: 1000, heartbeatMs: 100 } });
  // Redis keeps 1 MiB of live output of a job, which fits into the kernel's socket buffers: the stream has to be longer.
  const flood = Buffer.alloc(32 * 1024, 'x');
  await using _worker = await startWorker(api, async (delivery) => {
    await delivery.begin();
    for (let index = 0; index < 600 && !delivery.signal.aborted; index++) {
      await delivery.output('stdout', flood);
      await delivery.flush();
    }
    await delivery.end(resultOf(delivery));
  });
  const { body } = await api.call('/v1/jobs', { as: 'alice', body: job });
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  socket.write(
    `GET /v1/jobs/${body.id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.keys.alice}\r\n\r\n`,
  );
  const before = process.memoryUsage().rss;
  await api.call(`/v1/jobs/${body.id}?wait=2m`, { as: 'alice' });
  await delay(2500);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  // What the kernel had buffered is still read; then the connection turns out to be gone.
  socket.resume();
  await closed;
}, 60_000);
