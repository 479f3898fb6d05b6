import { setTimeout as delay } from 'node:timers/promises';
import type { JobEvent } from '@fumehood/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobQueue } from '../job-queue.js';
import { eventually, type Fleet, type Handler, soon, startFleet } from '../testing/fleet.js';
import { sampleResult, sampleSubmission } from '../testing/sample-job.js';
import type { StoredEvent } from './read-events.js';

async function collect(queue: JobQueue, jobId: string, after?: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of queue.events('acme', jobId, { after, signal: soon() })) events.push(event);
  return events;
}
const brief = ({ event }: { event: JobEvent }) =>
  event.type === 'state'
    ? `${event.state} ${event.attempt}`
    : event.type === 'result'
      ? 'result'
      : `${event.type} ${event.data}`;

describe('the events of a job', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  const talk: Handler = async ({ job, attempt, begin, output, flush, end }) => {
    await begin();
    await output('stdout', Buffer.from('one\n'));
    await flush();
    await output('stderr', Buffer.from('two\n'));
    await output('stdout', Buffer.from('three\n'));
    await end(sampleResult(job, attempt));
  };
  const ALL = [
    'queued 0',
    'assigned 1',
    'running 1',
    'stdout one\n',
    'stderr two\n',
    'stdout three\n',
    'ended 1',
    'result',
  ];

  it('come live and in order, and end with the result', async () => {
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const live = collect(fleet.queue, jobId);
    await using _worker = fleet.work(talk);
    const events = await live;
    expect(events.map(brief)).toEqual(ALL);
    const result = events.at(-1)?.event;
    expect(result?.type === 'result' && result.result).toEqual(
      (await fleet.queue.get('acme', jobId))?.result,
    );
  });

  it('are replayed from the beginning or after an id', async () => {
    await using _worker = fleet.work(talk);
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.queue.waitForResult('acme', jobId, soon());
    const all = await collect(fleet.queue, jobId);
    expect(all.map(brief)).toEqual(ALL);
    expect(await collect(fleet.queue, jobId, all[3]?.id)).toEqual(all.slice(4));
    expect(await collect(fleet.queue, jobId, all.at(-1)?.id)).toEqual([]);
  });

  it("of an unknown job, or another tenant's, or after an id that is none, are refused", async () => {
    const { jobId } = await fleet.queue.submit(sampleSubmission({ tenant: 'other' }));
    await expect(collect(fleet.queue, jobId)).rejects.toMatchObject({ code: 'job_unknown' });
    await expect(collect(fleet.queue, `job_${'0'.repeat(26)}`)).rejects.toMatchObject({
      code: 'job_unknown',
    });
    await expect(collect(fleet.queue, jobId, '1; DROP')).rejects.toMatchObject({ code: 'cursor_invalid' });
    await fleet.queue.cancel('other', jobId);
  });

  it('stop with the reason of the signal', async () => {
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const stop = new AbortController();
    const events: string[] = [];
    const reading = (async () => {
      for await (const event of fleet.queue.events('acme', jobId, { signal: stop.signal }))
        events.push(brief(event));
    })();
    await eventually(() => (events.length === 1 ? true : undefined));
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await fleet.queue.cancel('acme', jobId);
  });

  it('reach two hundred readers over one subscriber connection', async () => {
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const before = Number(/connected_clients:(\d+)/.exec(await fleet.raw.info('clients'))?.[1]);
    const readers = Array.from({ length: 200 }, () => collect(fleet.queue, jobId));
    await delay(100);
    expect(Number(/connected_clients:(\d+)/.exec(await fleet.raw.info('clients'))?.[1])).toBe(before);
    await using _worker = fleet.work(talk);
    for (const events of await Promise.all(readers)) expect(events.map(brief)).toEqual(ALL);
    expect(await fleet.raw.pubsub('NUMSUB', `{fumehood}:notify:${jobId}`)).toEqual([
      `{fumehood}:notify:${jobId}`,
      0,
    ]);
  });

  it('are bounded: the oldest output goes, and its absence shows; the states stay', async () => {
    const chunk = Buffer.alloc(32 * 1024, 'x');
    await using _worker = fleet.work(async ({ job, attempt, begin, output, end }) => {
      await begin();
      for (let index = 0; index < 128; index++) await output('stdout', chunk);
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.queue.waitForResult('acme', jobId, soon());
    const events = await collect(fleet.queue, jobId);
    const kept = events.flatMap(({ event }) => (event.type === 'stdout' ? [event] : []));
    const bytes = kept.reduce((sum, event) => sum + event.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(bytes).toBeGreaterThan(900 * 1024);
    expect(kept[0]?.offset).toBe(128 * chunk.length - bytes);
    expect(events.filter(({ event }) => event.type === 'state').map(brief)).toEqual([
      'queued 0',
      'assigned 1',
      'running 1',
      'ended 1',
    ]);
    expect(await fleet.raw.memory('USAGE', `{fumehood}:events:${jobId}`)).toBeLessThan(1.6 * 1024 * 1024);
  });

  it('are bounded also for a program that writes single bytes', async () => {
    await using _worker = fleet.work(async ({ job, attempt, begin, output, flush, end }) => {
      await begin();
      for (let index = 0; index < 6_000; index++) {
        output(index % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'));
        if (index % 1_000 === 0) await flush();
      }
      await flush();
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.queue.waitForResult('acme', jobId, soon());
    expect(await fleet.raw.memory('USAGE', `{fumehood}:events:${jobId}`)).toBeLessThan(1.6 * 1024 * 1024);
  });

  it('wait for a slow reader and give it what is still there', async () => {
    const chunk = Buffer.alloc(8 * 1024, 'y');
    await using _worker = fleet.work(async ({ job, attempt, begin, output, end }) => {
      await begin();
      for (let index = 0; index < 64; index++) await output('stdout', chunk);
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    let bytes = 0;
    for await (const { event } of fleet.queue.events('acme', jobId, { signal: soon() })) {
      await delay(5);
      if (event.type === 'stdout') bytes += event.bytes;
    }
    expect(bytes).toBe(64 * chunk.length);
  });
});

describe('a reader', { timeout: 60_000 }, () => {
  it('that follows while Redis goes away and comes back misses nothing', async () => {
    await using fleet = await startFleet({}, ['--appendfsync', 'always']);
    let goOn = () => {};
    const back = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    fleet.work(async ({ job, attempt, begin, output, flush, end }) => {
      await begin();
      await output('stdout', Buffer.from('before'));
      await flush();
      await back;
      await output('stdout', Buffer.from('after'));
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of fleet.queue.events('acme', jobId, { signal: soon(30_000) }))
        seen.push(brief(event));
    })();
    const waiting = fleet.queue.waitForResult('acme', jobId, soon(30_000));
    await eventually(() => (seen.includes('stdout before') ? true : undefined));
    await fleet.redis.stop('SIGKILL');
    goOn();
    await delay(500);
    await fleet.redis.start();
    await reading;
    expect(seen.slice(-4)).toEqual(['stdout before', 'stdout after', 'ended 1', 'result']);
    expect(await waiting).toMatchObject({ outcome: { type: 'exited' } });
  });

  it('that waits for a result gets undefined when its time is over, or there is no such job', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    expect(await fleet.queue.waitForResult('acme', jobId, AbortSignal.timeout(100))).toBeUndefined();
    expect(await fleet.queue.waitForResult('other', jobId, soon())).toBeUndefined();
    const waiting = fleet.queue.waitForResult('acme', jobId, soon());
    await fleet.queue.cancel('acme', jobId);
    expect((await waiting)?.outcome).toEqual({ type: 'canceled' });
  });
});
