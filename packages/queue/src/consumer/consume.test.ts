import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { VerifiedJob } from '../envelope/verify-envelope.js';
import { eventually, soon, startFleet, succeed } from '../testing/fleet.js';
import { sampleResult, sampleSubmission } from '../testing/sample-job.js';
import { slots } from '../testing/slots.js';
import type { Admission } from './admission.js';
import type { Delivery } from './delivery.js';
import { JobAbort } from './job-abort.js';

/** Resolves with the code that a delivery was aborted with. */
const aborted = ({ signal }: Delivery) =>
  new Promise<string>((resolve) => {
    const tell = () =>
      resolve(signal.reason instanceof JobAbort ? signal.reason.code : String(signal.reason));
    if (signal.aborted) tell();
    else signal.addEventListener('abort', tell);
  });

describe('workers', { timeout: 60_000 }, () => {
  it('share the jobs and run each of them once', async () => {
    await using fleet = await startFleet();
    const runs: string[] = [];
    const handler = (name: string) => async (delivery: Delivery) => {
      runs.push(name);
      await delay(2);
      await succeed(delivery);
    };
    const submitted = await Promise.all(
      Array.from({ length: 200 }, () => fleet.queue.submit(sampleSubmission())),
    );
    fleet.work(handler('first'));
    fleet.work(handler('second'));
    for (const { jobId } of submitted) {
      expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({ attempt: 1 });
    }
    expect(runs.length).toBe(200);
    expect(new Set(runs)).toEqual(new Set(['first', 'second']));
    expect(await fleet.queue.depth()).toMatchObject({ queued: 0, assigned: 0, running: 0, deadLettered: 0 });
    expect(fleet.faults).toEqual([]);
  });

  it('are told when and as what a job was submitted', async () => {
    await using fleet = await startFleet();
    let seen: VerifiedJob | undefined;
    fleet.work(async (delivery) => {
      seen = delivery.job;
      expect(Date.parse(delivery.claimedAt) - Date.parse(delivery.job.submittedAt)).toBe(delivery.queuedMs);
      await succeed(delivery);
    });
    const submission = sampleSubmission({ queueTimeoutMs: 60_000 });
    const { jobId } = await fleet.queue.submit(submission);
    await fleet.queue.waitForResult('acme', jobId, soon());
    expect(seen).toMatchObject({
      id: jobId,
      tenant: 'acme',
      request: submission.request,
      policyName: 'default',
    });
    expect(Date.parse(seen?.deadlineAt ?? '') - Date.parse(seen?.submittedAt ?? '')).toBe(60_000);
  });

  it('hold at most one job back while it waits for room, and let none overtake it', async () => {
    await using fleet = await startFleet();
    const isBig = ({ request }: VerifiedJob) => request.labels.size === 'big';
    let free = 4;
    let changed = () => {};
    const until = async (signal: AbortSignal, isTrue: () => boolean) => {
      while (!isTrue()) {
        await new Promise<void>((resolve, reject) => {
          changed = resolve;
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      }
    };
    const admission: Admission = {
      room: (signal) => until(signal, () => free > 0),
      async reserve(job, signal) {
        const need = isBig(job) ? 4 : 1;
        await until(signal, () => free >= need);
        free -= need;
        return {
          async [Symbol.asyncDispose]() {
            free += need;
            changed();
          },
        };
      },
    };
    const order: string[] = [];
    const endings: (() => void)[] = [];
    fleet.work(
      async (delivery) => {
        order.push(delivery.job.request.labels.size ?? '');
        await new Promise<void>((resolve) => endings.push(resolve));
        await succeed(delivery);
      },
      { admission },
    );
    for (const size of ['small', 'big', 'small', 'small']) {
      await fleet.queue.submit(sampleSubmission({ request: { labels: { size } } }));
    }
    await eventually(async () => ((await fleet.raw.llen('{fumehood}:jobs:active')) === 2 ? true : undefined));
    await delay(100);
    expect(order).toEqual(['small']);
    // The held job still counts as queued: it can be canceled and can expire.
    expect(await fleet.queue.depth()).toMatchObject({ queued: 3, assigned: 1 });
    endings.shift()?.();
    await eventually(() => (order.length === 2 ? true : undefined));
    endings.shift()?.();
    await eventually(() => (order.length === 4 ? true : undefined));
    expect(order).toEqual(['small', 'big', 'small', 'small']);
    for (const end of endings) end();
  });

  it('finish what runs and take nothing new when they drain', async () => {
    await using fleet = await startFleet();
    const first = await fleet.queue.submit(sampleSubmission());
    let release = () => {};
    const worker = fleet.work(async (delivery) => {
      await delivery.begin();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await delivery.end(sampleResult(delivery.job, delivery.attempt));
    });
    await eventually(async () => ((await fleet.queue.depth()).running === 1 ? true : undefined));
    const stopped = worker.stop();
    const second = await fleet.queue.submit(sampleSubmission());
    await delay(200);
    expect((await fleet.queue.get('acme', second.jobId))?.state).toBe('queued');
    release();
    await stopped;
    expect((await fleet.queue.get('acme', first.jobId))?.outcome).toBe('exited');
    fleet.work();
    expect(await fleet.queue.waitForResult('acme', second.jobId, soon())).toBeDefined();
  });

  it('drain at once while they wait for a job', async () => {
    await using fleet = await startFleet();
    const worker = fleet.work();
    await delay(300);
    await expect(Promise.race([worker.stop().then(() => 'stopped'), delay(3_000)])).resolves.toBe('stopped');
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    fleet.work();
    expect(await fleet.queue.waitForResult('acme', jobId, soon(3_000))).toBeDefined();
  });

  it('hand back what has not begun when they have to go, without counting it as a failure', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    for (let time = 0; time < 4; time++) {
      let code: string | undefined;
      const worker = fleet.work(async (delivery) => {
        code = await aborted(delivery);
      });
      await eventually(async () => ((await fleet.queue.depth()).assigned === 1 ? true : undefined));
      await worker.shutdown();
      expect(code).toBe('shutdown');
      expect((await fleet.queue.get('acme', jobId))?.state).toBe('queued');
    }
    fleet.work();
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({ attempt: 5 });
  });

  it.each([
    [false, 'lost', 1],
    [true, 'exited', 2],
  ])('that have to go decide about what has begun by retryOnLoss %s', async (retryOnLoss, type, attempt) => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ request: { retryOnLoss } }));
    const worker = fleet.work(async (delivery) => {
      await delivery.begin();
      await aborted(delivery);
    });
    await eventually(async () => ((await fleet.queue.depth()).running === 1 ? true : undefined));
    await worker.shutdown();
    fleet.work();
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type }, attempt });
  });

  it('do not wait for a handler that ignores the shutdown for longer than the grace', async () => {
    await using fleet = await startFleet({ shutdownGraceMs: 200 });
    await fleet.queue.submit(sampleSubmission());
    const worker = fleet.work(() => new Promise(() => undefined));
    await eventually(async () => ((await fleet.queue.depth()).assigned === 1 ? true : undefined));
    await expect(Promise.race([worker.shutdown().then(() => 'stopped'), delay(5_000)])).resolves.toBe(
      'stopped',
    );
  });
});

describe('an attempt', { timeout: 60_000 }, () => {
  it('is made again after a failure before the beginning, a bounded number of times', async () => {
    await using fleet = await startFleet();
    const attempts: number[] = [];
    fleet.work(async (delivery) => {
      attempts.push(delivery.attempt);
      await delivery.retry();
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(attempts).toEqual([1, 2, 3]);
    expect(result).toMatchObject({ outcome: { type: 'lost' }, attempt: 0, evidence: null });
    expect(result?.hint).toContain('not the fault of your code');
  });

  it('whose handler fails is tried again before the beginning, and lost after it', async () => {
    await using fleet = await startFleet();
    let failures = 0;
    fleet.work(async (delivery) => {
      if (failures++ === 0) throw new Error('no sandbox');
      await delivery.begin();
      throw new Error('no stream');
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type: 'lost' }, attempt: 2 });
    expect(fleet.faults.map(String)).toEqual(['Error: no sandbox', 'Error: no stream']);
  });

  it('that admission refuses counts as a failure and loses no job', async () => {
    await using fleet = await startFleet();
    const free = slots(1);
    let refusals = 0;
    const admission: Admission = {
      room: free.room,
      reserve: (job, signal) =>
        refusals++ < 2 ? Promise.reject(new Error('no')) : free.reserve(job, signal),
    };
    fleet.work(succeed, { admission });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ outcome: { type: 'exited' }, attempt: 3 });
  });

  it('ends a job once: a second result is refused', async () => {
    await using fleet = await startFleet();
    const answers: string[] = [];
    fleet.work(async (delivery) => {
      await delivery.begin();
      answers.push(await delivery.end(sampleResult(delivery.job, 1, { type: 'exited', exitCode: 1 })));
      answers.push(await delivery.end(sampleResult(delivery.job, 1, { type: 'exited', exitCode: 2 })));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(() => (answers.length === 2 ? true : undefined));
    expect(answers).toEqual(['accepted', 'refused']);
    expect((await fleet.queue.get('acme', jobId))?.result?.outcome).toEqual({ type: 'exited', exitCode: 1 });
  });

  it('keeps its job by renewing the lock for as long as it takes', async () => {
    await using fleet = await startFleet({ lockDurationMs: 2_000 });
    const attempts: number[] = [];
    const handler = async (delivery: Delivery) => {
      attempts.push(delivery.attempt);
      await delivery.begin();
      await delay(4_500);
      expect(delivery.signal.aborted).toBe(false);
      await delivery.end(sampleResult(delivery.job, delivery.attempt));
    };
    fleet.work(handler);
    fleet.work(handler);
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({ attempt: 1 });
    expect(attempts).toEqual([1]);
  });
});
