import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Fleet, soon, startFleet } from './testing/fleet.js';
import { requestOfBytes, sampleResult, sampleSubmission, textOf } from './testing/sample-job.js';

const keysOf = async (fleet: Fleet, jobId: string) => (await fleet.raw.keys(`*${jobId}*`)).sort();

describe('a submission', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  it('is queued when it is acknowledged', async () => {
    const submitted = await fleet.queue.submit(sampleSubmission({ tenant: 'one' }));
    expect(submitted).toMatchObject({ created: true, position: 0, estimatedWaitMs: null });
    expect(submitted.jobId).toMatch(/^job_[0-9a-hjkmnp-tv-z]{26}$/);
    const job = await fleet.queue.get('one', submitted.jobId);
    expect(job).toMatchObject({ state: 'queued', attempt: 0, cancelRequested: false, result: null });
    expect(job?.queue).toEqual({ position: 0, estimatedWaitMs: null });
    expect(await fleet.raw.zscore('{fumehood}:jobs:prioritized', submitted.jobId)).not.toBeNull();
  });

  it('with an idempotency key makes one job, however often it is sent', async () => {
    const submission = sampleSubmission({ tenant: 'idem', idempotencyKey: 'order 7 \n*' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => fleet.queue.submit(submission)));
    expect(new Set(answers.map(({ jobId }) => jobId)).size).toBe(1);
    expect(answers.filter(({ created }) => created).length).toBe(1);
    expect((await fleet.queue.depth()).byTenant.idem).toBe(1);
  });

  it('with an idempotency key that made another job is a conflict, for the same tenant only', async () => {
    await fleet.queue.submit(sampleSubmission({ tenant: 'conflict', idempotencyKey: 'k' }));
    const other = { request: { code: 'print(2)' }, idempotencyKey: 'k' };
    await expect(
      fleet.queue.submit(sampleSubmission({ tenant: 'conflict', ...other })),
    ).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    const elsewhere = await fleet.queue.submit(sampleSubmission({ tenant: 'elsewhere', ...other }));
    expect(elsewhere.created).toBe(true);
  });

  it('is refused when the tenant has its fill, and leaves nothing behind', async () => {
    const options = { tenant: 'full', maxQueued: 2, request: requestOfBytes(100_000) };
    await fleet.queue.submit(sampleSubmission(options));
    await fleet.queue.submit(sampleSubmission(options));
    const keys = async () => (await fleet.raw.keys('*')).filter((key) => key !== '{fumehood}:janitor').sort();
    const before = await keys();
    await expect(fleet.queue.submit(sampleSubmission(options))).rejects.toMatchObject({
      code: 'tenant_full',
    });
    expect(await keys()).toEqual(before);
    expect((await fleet.queue.depth()).byTenant.full).toBe(2);
  });

  it('that stopped before BullMQ had it is finished by the same submission again', async () => {
    const submission = sampleSubmission({ tenant: 'half', idempotencyKey: 'again' });
    const { jobId } = await fleet.queue.submit(submission);
    // As if the API had died between its two steps.
    await fleet.raw.zrem('{fumehood}:jobs:prioritized', jobId);
    await fleet.raw.del(`{fumehood}:jobs:${jobId}`);
    await fleet.raw.zadd('{fumehood}:pending', Date.now(), jobId);
    expect(await fleet.queue.submit(submission)).toMatchObject({ jobId, created: false });
    expect(await fleet.raw.zscore('{fumehood}:jobs:prioritized', jobId)).not.toBeNull();
    expect(await fleet.raw.zscore('{fumehood}:pending', jobId)).toBeNull();
  });

  it('has its place counted and its wait estimated once the pace is known', async () => {
    await using own = await startFleet();
    const ids: string[] = [];
    for (let index = 0; index < 6; index++) ids.push((await own.queue.submit(sampleSubmission())).jobId);
    expect((await own.queue.get('acme', ids[4] ?? ''))?.queue?.position).toBe(4);
    const started: string[] = [];
    own.work(async ({ job, begin, signal }) => {
      await begin();
      started.push(job.id);
      await once(signal, 'abort');
    });
    await eventually(() => (started.length === 4 ? true : undefined));
    expect((await own.queue.get('acme', ids[5] ?? ''))?.queue?.estimatedWaitMs).toBeGreaterThanOrEqual(0);
  });
});

describe('a request', { timeout: 60_000 }, () => {
  it.each([
    ['inline', 1_000],
    ['as large as the payload may carry', 32_000],
    ['in a blob of its own', 33_000],
    ['in many pieces', 1_500_000],
  ])('arrives as it was sent, %s', async (_how, bytes) => {
    await using fleet = await startFleet();
    const submission = sampleSubmission({ request: requestOfBytes(bytes) });
    const { jobId } = await fleet.queue.submit(submission);
    const payload = await fleet.raw.hget(`{fumehood}:jobs:${jobId}`, 'data');
    expect(payload?.length).toBeLessThan(70_000);
    let received: unknown;
    fleet.work(async ({ job, attempt, begin, end }) => {
      received = job.request;
      await begin();
      await end(sampleResult(job, attempt));
    });
    await fleet.queue.waitForResult('acme', jobId, soon());
    expect(received).toEqual(submission.request);
    await eventually(async () => ((await keysOf(fleet, jobId)).length === 2 ? true : undefined));
    expect(await keysOf(fleet, jobId)).toEqual([`{fumehood}:events:${jobId}`, `{fumehood}:record:${jobId}`]);
    expect(textOf(submission).length).toBeGreaterThan(bytes / 2);
  });
});
