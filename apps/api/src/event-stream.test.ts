import { setTimeout as delay } from 'node:timers/promises';
import type { JobEvent } from '@fumehood/schema';
import { expect, it } from 'vitest';
import { eventStream, type IdentifiedEvent } from './event-stream.js';

const at = '2026-01-01T00:00:00.000Z';
const state = (id: string): IdentifiedEvent => ({
  id,
  event: { type: 'state', at, state: 'queued', attempt: 0 },
});
const quiet = { heartbeatMs: 10_000, onFailed: () => {}, signal: new AbortController().signal };

async function collect(frames: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

it('writes each event as one frame with its id, its name and one line of data', async () => {
  const stdout: JobEvent = { type: 'stdout', at, offset: 0, bytes: 4, encoding: 'utf8', data: 'a\n\nb' };
  async function* source() {
    yield { id: '1-0', event: stdout };
  }
  expect(await collect(eventStream(source(), quiet))).toEqual([
    'retry: 1000\n\n',
    `id: 1-0\nevent: stdout\ndata: ${JSON.stringify(stdout)}\n\n`,
  ]);
});

it('writes heartbeats while nothing happens', async () => {
  async function* source() {
    yield state('1-0');
    await delay(120);
    yield state('2-0');
  }
  const frames = await collect(eventStream(source(), { ...quiet, heartbeatMs: 20 }));
  expect(frames.filter((frame) => frame === ': heartbeat\n\n').length).toBeGreaterThan(0);
  expect(frames.at(-1)).toContain('id: 2-0');
});

it('asks for the next event only when the one before it was taken', async () => {
  let asked = 0;
  async function* source() {
    for (;;) {
      asked += 1;
      yield state(`${asked}-0`);
    }
  }
  const frames = eventStream(source(), quiet);
  await frames.next();
  await frames.next();
  await delay(20);
  expect(asked).toBe(1);
  await frames.return(undefined);
});

it('tells the client to come back when the source fails, and tells the server why', async () => {
  const failures: unknown[] = [];
  async function* source(): AsyncGenerator<IdentifiedEvent> {
    yield state('1-0');
    throw new Error('Redis is gone');
  }
  const frames = await collect(
    eventStream(source(), { ...quiet, onFailed: (error) => failures.push(error) }),
  );
  expect(frames.at(-1)).toBe(': unavailable\nretry: 5000\n\n');
  expect(failures).toHaveLength(1);
});

it('says so when the server drains, which is no failure', async () => {
  const control = new AbortController();
  async function* source(): AsyncGenerator<IdentifiedEvent> {
    yield state('1-0');
    control.abort();
    control.signal.throwIfAborted();
  }
  const failures: unknown[] = [];
  const options = { ...quiet, signal: control.signal, onFailed: (error: unknown) => failures.push(error) };
  const frames = await collect(eventStream(source(), options));
  expect(frames.at(-1)).toBe(': this server is about to end\nretry: 1000\n\n');
  expect(failures).toEqual([]);
});

it('ends its source when the reader goes away', async () => {
  let ended = false;
  async function* source() {
    try {
      for (;;) yield state('1-0');
    } finally {
      ended = true;
    }
  }
  const frames = eventStream(source(), quiet);
  await frames.next();
  await frames.next();
  await frames.return(undefined);
  expect(ended).toBe(true);
});
