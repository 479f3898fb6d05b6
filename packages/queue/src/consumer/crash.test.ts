import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually, SHORT_LOCKS, soon, startFleet, succeed } from '../testing/fleet.js';
import { sampleResult, sampleSubmission } from '../testing/sample-job.js';
import { spawnConsumer } from '../testing/spawn-consumer.js';

describe('a worker that was killed', { timeout: 60_000 }, () => {
  it.each([
    [false, 'lost', 1],
    [true, 'exited', 2],
  ])('midway leaves one result, decided by retryOnLoss %s', async (retryOnLoss, type, attempt) => {
    await using fleet = await startFleet(SHORT_LOCKS);
    await using killed = spawnConsumer(fleet, 60_000);
    const { jobId } = await fleet.queue.submit(sampleSubmission({ request: { retryOnLoss } }));
    await killed.said('begun 1');
    fleet.work();
    fleet.work();
    killed.child.kill('SIGKILL');
    const result = await fleet.queue.waitForResult('acme', jobId, soon(40_000));
    expect(result).toMatchObject({ outcome: { type }, attempt });
    if (type === 'lost') expect(result?.timings.startedAt).not.toBeNull();
    await eventually(async () =>
      (await fleet.raw.exists(`{fumehood}:jobs:${jobId}`)) === 0 ? true : undefined,
    );
    expect(await fleet.queue.depth()).toMatchObject({
      queued: 0,
      assigned: 0,
      running: 0,
      deadLettered: 0,
    });
  });

  it('before the beginning costs the job an attempt, and with the third one the job', async () => {
    await using fleet = await startFleet(SHORT_LOCKS);
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    for (let attempt = 1; attempt <= 3; attempt++) {
      await using killed = spawnConsumer(fleet, null);
      await killed.said(`claimed ${attempt}`);
    }
    fleet.work();
    const result = await fleet.queue.waitForResult('acme', jobId, soon(40_000));
    expect(result).toMatchObject({ outcome: { type: 'lost' }, attempt: 0, evidence: null });
    expect(result?.hint).toContain('not the fault of your code');
  }, 120_000);
});

describe('a worker that was stopped for longer than its lock', { timeout: 60_000 }, () => {
  it('finds its late result refused', async () => {
    await using fleet = await startFleet(SHORT_LOCKS);
    await using stopped = spawnConsumer(fleet, 3_000);
    const { jobId } = await fleet.queue.submit(sampleSubmission({ request: { retryOnLoss: true } }));
    await stopped.said('begun 1');
    stopped.child.kill('SIGSTOP');
    fleet.work(async ({ job, attempt, begin, end }) => {
      await begin();
      await end(sampleResult(job, attempt, { type: 'exited', exitCode: 42 }));
    });
    const result = await fleet.queue.waitForResult('acme', jobId, soon(40_000));
    expect(result).toMatchObject({ attempt: 2, outcome: { type: 'exited', exitCode: 42 } });
    stopped.child.kill('SIGCONT');
    expect(await stopped.said('end')).toBe('end refused');
    expect((await fleet.queue.get('acme', jobId))?.result).toEqual(result);
  }, 120_000);
});

describe('Redis', { timeout: 60_000 }, () => {
  it('that crashed and came back loses no acknowledged job, and workers finish what they run', async () => {
    await using fleet = await startFleet(SHORT_LOCKS, ['--appendfsync', 'always']);
    let isAway = false;
    let endWhileAway = () => {};
    const awaited = new Promise<void>((resolve) => {
      endWhileAway = resolve;
    });
    const attempts = new Map<string, number>();
    fleet.work(async (delivery) => {
      attempts.set(delivery.job.id, delivery.attempt);
      if (delivery.job.request.labels.slow === undefined) return succeed(delivery);
      await delivery.begin();
      await awaited;
      expect(isAway).toBe(true);
      expect(await delivery.end(sampleResult(delivery.job, delivery.attempt))).toBe('accepted');
    });
    const slow = await Promise.all(
      [1, 2, 3].map(() => fleet.queue.submit(sampleSubmission({ request: { labels: { slow: '1' } } }))),
    );
    await eventually(async () => ((await fleet.queue.depth()).running === 3 ? true : undefined));
    const quick = await Promise.all(Array.from({ length: 50 }, () => fleet.queue.submit(sampleSubmission())));

    await fleet.redis.stop('SIGKILL');
    isAway = true;
    endWhileAway();
    const began = performance.now();
    await expect(fleet.queue.submit(sampleSubmission())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(fleet.queue.get('acme', slow[0]?.jobId ?? '')).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect((await fleet.queue.health())[0]).toMatchObject({ check: 'ping', ok: false, severity: 'error' });
    // Longer than the locks last.
    await delay(3_000);
    await fleet.redis.start();

    for (const { jobId } of [...slow, ...quick]) {
      const result = await eventually(() =>
        fleet.queue.waitForResult('acme', jobId, soon(40_000)).catch(() => undefined),
      );
      expect(result.outcome).toEqual({ type: 'exited', exitCode: 0 });
    }
    for (const { jobId } of slow) expect(attempts.get(jobId)).toBe(1);
  }, 120_000);

  it('that was away for longer than the locks costs no running job its attempt', async () => {
    await using fleet = await startFleet(SHORT_LOCKS, ['--appendfsync', 'always']);
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const handler: Parameters<typeof fleet.work>[0] = async ({ job, attempt, signal, begin, end }) => {
      await begin();
      await finished;
      expect(signal.aborted).toBe(false);
      await end(sampleResult(job, attempt));
    };
    fleet.work(handler);
    fleet.work(handler);
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(async () => ((await fleet.queue.depth()).running === 1 ? true : undefined));
    await fleet.redis.stop('SIGKILL');
    await delay(3_000);
    await fleet.redis.start();
    await delay(4_000);
    finish();
    const result = await eventually(() =>
      fleet.queue.waitForResult('acme', jobId, soon(40_000)).catch(() => undefined),
    );
    expect(result).toMatchObject({ attempt: 1, outcome: { type: 'exited' } });
  }, 120_000);

  it('that is away keeps no idle worker from draining', async () => {
    await using fleet = await startFleet(SHORT_LOCKS);
    const worker = fleet.work();
    await delay(300);
    await fleet.redis.stop('SIGKILL');
    await delay(300);
    await expect(Promise.race([worker.stop().then(() => 'stopped'), delay(10_000)])).resolves.toBe('stopped');
  });

  it('that hangs is as good as away', async () => {
    await using fleet = await startFleet(SHORT_LOCKS);
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    process.kill(fleet.redis.pid, 'SIGSTOP');
    const calls = [
      fleet.queue.submit(sampleSubmission()),
      fleet.queue.get('acme', jobId),
      fleet.queue.waitForResult('acme', jobId, soon(30_000)),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
    expect((await fleet.queue.health())[0]).toMatchObject({ check: 'ping', ok: false });
    process.kill(fleet.redis.pid, 'SIGCONT');
    fleet.work();
    expect(
      await eventually(() => fleet.queue.waitForResult('acme', jobId, soon(40_000)).catch(() => undefined)),
    ).toBeDefined();
  }, 120_000);

  it('that is out of memory takes nothing new, and nothing is lost', async () => {
    await using fleet = await startFleet(SHORT_LOCKS);
    const kept = await fleet.queue.submit(sampleSubmission());
    await fleet.raw.config('SET', 'maxmemory', '1mb');
    await expect(fleet.queue.submit(sampleSubmission())).rejects.toMatchObject({ code: 'unavailable' });
    fleet.work();
    await delay(500);
    await fleet.raw.config('SET', 'maxmemory', '0');
    expect(await fleet.queue.waitForResult('acme', kept.jobId, soon())).toMatchObject({
      outcome: { type: 'exited' },
    });
    expect((await fleet.queue.depth()).queued).toBe(0);
  });
});
