import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually, type Fleet, soon, startFleet, succeed } from './testing/fleet.js';
import { requestOfBytes, sampleResult, sampleSubmission } from './testing/sample-job.js';
import { slots } from './testing/slots.js';

/** Keys that stay whatever happens: a fixed number of them. */
const LASTING = /:(?:counts|fair|rate|janitor|jobs:(?:meta|id|events|pc|marker|stalled-check))$/;
const leftovers = async (fleet: Fleet) =>
  (await fleet.raw.keys('*')).filter((key) => !LASTING.test(key)).sort();

describe('time', { timeout: 60_000 }, () => {
  it('expires a job in the queue, though there is no worker at all', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ queueTimeoutMs: 300 }));
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type: 'expired' }, attempt: 0, evidence: null });
    expect(await fleet.raw.keys(`*jobs:${jobId}*`)).toEqual([]);
  });

  it('expires a job that a worker holds back for want of room', async () => {
    await using fleet = await startFleet();
    const admission = {
      ...slots(1),
      reserve: (_: unknown, signal: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    fleet.work(succeed, { admission });
    const { jobId } = await fleet.queue.submit(sampleSubmission({ queueTimeoutMs: 400 }));
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({
      outcome: { type: 'expired' },
    });
    await eventually(async () => ((await fleet.raw.llen('{fumehood}:jobs:active')) === 0 ? true : undefined));
    expect(fleet.faults).toEqual([]);
  });

  it('does not expire a job that a worker has begun', async () => {
    await using fleet = await startFleet();
    fleet.work(async ({ job, attempt, begin, end }) => {
      await begin();
      await delay(Date.parse(job.deadlineAt) - Date.now() + 300);
      await end(sampleResult(job, attempt));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission({ queueTimeoutMs: 3_000 }));
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type: 'exited' } });
  });

  it('expires a job at its claim when nobody looked before', async () => {
    await using fleet = await startFleet({ janitorIntervalMs: 60_000 });
    const { jobId } = await fleet.queue.submit(sampleSubmission({ queueTimeoutMs: 100 }));
    await delay(150);
    let ran = false;
    fleet.work(async () => {
      ran = true;
    });
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({
      outcome: { type: 'expired' },
    });
    expect(ran).toBe(false);
  });

  it('removes what a thousand jobs left, when their retention is over', async () => {
    await using fleet = await startFleet();
    async function* content() {
      yield Buffer.from('plot');
    }
    fleet.work(
      async ({ job, attempt, begin, output, storeArtifact, end }) => {
        await begin();
        await output('stdout', Buffer.from('hello\n'));
        await storeArtifact('out/plot.png', content());
        await end(sampleResult(job, attempt));
      },
      { admission: slots(16) },
    );
    const jobs: { tenant: string; jobId: string }[] = [];
    for (let round = 0; round < 10; round++) {
      const batch = Array.from({ length: 100 }, async (_, index) => {
        const tenant = `t${index % 7}`;
        const options = {
          tenant,
          retentionMs: index % 2 === 0 ? 200 : 600_000,
          idempotencyKey: `${round}-${index}`,
        };
        const request = index % 50 === 0 ? requestOfBytes(40_000) : {};
        return { tenant, jobId: (await fleet.queue.submit(sampleSubmission({ ...options, request }))).jobId };
      });
      jobs.push(...(await Promise.all(batch)));
    }
    const ended = async () => {
      const { queued, assigned, running } = await fleet.queue.depth();
      return queued + assigned + running === 0 ? true : undefined;
    };
    await eventually(ended, 60_000);
    const purged = await Promise.all(
      jobs.filter((_, index) => index % 2 === 1).map(({ tenant, jobId }) => fleet.queue.purge(tenant, jobId)),
    );
    expect(new Set(purged)).toEqual(new Set(['purged']));
    await eventually(async () => ((await leftovers(fleet)).length === 0 ? true : undefined), 30_000).catch(
      () => undefined,
    );
    expect(await leftovers(fleet)).toEqual([]);
    expect(fleet.faults).toEqual([]);
  }, 120_000);
});

describe('the janitor', { timeout: 60_000 }, () => {
  it('removes a submission that was never acknowledged, request and idempotency key with it', async () => {
    await using fleet = await startFleet({ submissionTimeoutMs: 300 });
    const submission = sampleSubmission({ idempotencyKey: 'k', request: requestOfBytes(50_000) });
    const { jobId } = await fleet.queue.submit(submission);
    // As if the API had died between its two steps.
    await fleet.raw.zrem('{fumehood}:jobs:prioritized', jobId);
    await fleet.raw.del(`{fumehood}:jobs:${jobId}`);
    await fleet.raw.zrem('{fumehood}:live', jobId);
    await fleet.raw.zadd('{fumehood}:pending', Date.now() - 1_000, jobId);
    await eventually(async () => ((await leftovers(fleet)).length === 0 ? true : undefined));
    expect(await fleet.queue.get('acme', jobId)).toBeUndefined();
    expect((await fleet.queue.submit(submission)).created).toBe(true);
    expect((await fleet.queue.depth()).queued).toBe(1);
  });

  it('keeps a submission whose acknowledgement alone was missing', async () => {
    await using fleet = await startFleet({ submissionTimeoutMs: 100 });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.raw.zrem('{fumehood}:live', jobId);
    await fleet.raw.zadd('{fumehood}:pending', Date.now() - 1_000, jobId);
    await eventually(async () =>
      (await fleet.raw.zscore('{fumehood}:live', jobId)) === null ? undefined : true,
    );
    fleet.work();
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({
      outcome: { type: 'exited' },
    });
  });

  it('ends a job that BullMQ lost', async () => {
    await using fleet = await startFleet({ liveCheckMs: 200 });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.raw.zrem('{fumehood}:jobs:prioritized', jobId);
    await fleet.raw.del(`{fumehood}:jobs:${jobId}`);
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type: 'lost' }, attempt: 0 });
    expect(result?.hint).toContain('not the fault of your code');
  });
});
