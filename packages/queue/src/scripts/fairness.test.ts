import { describe, expect, it } from 'vitest';
import type { JobQueue } from '../job-queue.js';
import { eventually, type Fleet, type Handler, startFleet } from '../testing/fleet.js';
import { type SampleOptions, sampleSubmission } from '../testing/sample-job.js';
import { slots } from '../testing/slots.js';

async function submitMany(queue: JobQueue, count: number, options: SampleOptions): Promise<void> {
  for (let left = count; left > 0; left -= 250) {
    const batch = Array.from({ length: Math.min(250, left) }, () => queue.submit(sampleSubmission(options)));
    await Promise.all(batch);
  }
}

/** A worker that runs one job at a time and says in which order the tenants' jobs started. */
function startOrder(fleet: Fleet, beforeEnd: (order: readonly string[]) => Promise<void> = async () => {}) {
  const order: string[] = [];
  const handle: Handler = async ({ job, begin }) => {
    await begin();
    order.push(job.tenant);
    await beforeEnd(order);
  };
  return { order, worker: fleet.work(handle, { admission: slots(1) }) };
}

const shares = (order: readonly string[]) =>
  Object.fromEntries(
    [...new Set(order)].sort().map((name) => [name, order.filter((each) => each === name).length]),
  );

describe('the fair order', { timeout: 60_000 }, () => {
  it('lets a newcomer start after about one job of a tenant that queued 10,000', async () => {
    await using fleet = await startFleet();
    await submitMany(fleet.queue, 10_000, { tenant: 'a' });
    let position: number | undefined;
    const { order } = startOrder(fleet, async (started) => {
      if (started.length === 50)
        position = (await fleet.queue.submit(sampleSubmission({ tenant: 'b' }))).position;
    });
    const index = await eventually(() => (order.includes('b') ? order.indexOf('b') : undefined));
    expect(index - 50).toBeLessThanOrEqual(2);
    expect(position).toBeLessThanOrEqual(2);
    const depth = await fleet.queue.depth();
    expect(depth.byTenant.a).toBeGreaterThan(9_900);
  }, 120_000);

  it('does not let steady small tenants starve a big backlog', async () => {
    await using fleet = await startFleet();
    await submitMany(fleet.queue, 100, { tenant: 'big' });
    for (const tenant of ['s1', 's2', 's3']) await submitMany(fleet.queue, 1, { tenant });
    const { order } = startOrder(fleet, async (started) => {
      const tenant = started.at(-1) ?? '';
      if (tenant !== 'big') await fleet.queue.submit(sampleSubmission({ tenant }));
    });
    await eventually(() => (order.length >= 80 ? true : undefined));
    expect(shares(order.slice(0, 80))).toEqual({ big: 20, s1: 20, s2: 20, s3: 20 });
  });

  it('shares by weight while all have work', async () => {
    await using fleet = await startFleet();
    await submitMany(fleet.queue, 120, { tenant: 'four', weight: 4 });
    await submitMany(fleet.queue, 120, { tenant: 'two', weight: 2 });
    await submitMany(fleet.queue, 120, { tenant: 'one', weight: 1 });
    const { order } = startOrder(fleet);
    await eventually(() => (order.length >= 140 ? true : undefined));
    const got = shares(order.slice(0, 140));
    expect(got.four).toBeGreaterThanOrEqual(78);
    expect(got.four).toBeLessThanOrEqual(82);
    expect(got.two).toBeGreaterThanOrEqual(38);
    expect(got.two).toBeLessThanOrEqual(42);
  });

  it('starts interactive jobs before batch jobs, and yet no batch job waits for ever', async () => {
    await using fleet = await startFleet({ batchOffset: 8 * 20 });
    await submitMany(fleet.queue, 5, { tenant: 'b', request: { lane: 'batch' } });
    await submitMany(fleet.queue, 5, { tenant: 'a' });
    const { order } = startOrder(fleet, async () => {
      await fleet.queue.submit(sampleSubmission({ tenant: 'a' }));
    });
    await eventually(() => (order.length >= 40 ? true : undefined));
    expect(order.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 'a'));
    expect(order.slice(0, 40).filter((tenant) => tenant === 'b').length).toBeGreaterThanOrEqual(4);
  });

  it('survives the end of the priorities: clamps, rebases, and stays fair', async () => {
    await using fleet = await startFleet({ maxPriority: 400, rebaseAt: 200 });
    await submitMany(fleet.queue, 300, { tenant: 'a' });
    const { order, worker } = startOrder(fleet, async (started) => {
      if (started.length % 100 === 0)
        await fleet.queue.submit(sampleSubmission({ tenant: `late-${started.length}` }));
    });
    await eventually(() => (order.length >= 303 ? true : undefined));
    await worker.stop();
    for (const count of [100, 200, 300]) {
      const waited = order.indexOf(`late-${count}`) - count;
      // Clamped jobs wait in the order of their coming, so at the very top a newcomer may stand behind a few.
      expect(waited, `the job that came after ${count}`).toBeLessThanOrEqual(2);
    }
    expect(Number(await fleet.raw.hget('{fumehood}:fair', 'base'))).toBeGreaterThan(0);
    expect(fleet.faults).toEqual([]);
  });

  it('rebases without changing the order, whatever the lanes', async () => {
    await using fleet = await startFleet({ maxPriority: 5_000, rebaseAt: 40, batchOffset: 100 });
    for (const [tenant, lane] of [
      ['a', 'interactive'],
      ['b', 'batch'],
      ['c', 'interactive'],
    ] as const) {
      await submitMany(fleet.queue, 30, { tenant, request: { lane } });
    }
    const ids = await fleet.raw.zrange('{fumehood}:jobs:prioritized', '0', '-1');
    const started: string[] = [];
    await using _worker = fleet.work(
      async ({ job, begin }) => {
        started.push(job.id);
        await begin();
      },
      { admission: slots(1) },
    );
    await eventually(() => (started.length === ids.length ? true : undefined));
    expect(started).toEqual(ids);
  });

  it('forgets the debt of a tenant whose queued jobs were canceled', async () => {
    await using fleet = await startFleet();
    const canceled = await Promise.all(
      Array.from({ length: 50 }, () => fleet.queue.submit(sampleSubmission({ tenant: 'a' }))),
    );
    await submitMany(fleet.queue, 20, { tenant: 'b' });
    for (const { jobId } of canceled) await fleet.queue.cancel('a', jobId);
    expect((await fleet.queue.submit(sampleSubmission({ tenant: 'a' }))).position).toBeLessThanOrEqual(2);
  });
});
