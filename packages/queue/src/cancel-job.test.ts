import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { JobAbort } from './consumer/job-abort.js';
import { eventually, soon, startFleet } from './testing/fleet.js';
import { requestOfBytes, sampleResult, sampleSubmission } from './testing/sample-job.js';

describe('canceling', { timeout: 60_000 }, () => {
  it('a queued job ends it at once, and no worker ever sees it', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ request: requestOfBytes(50_000) }));
    expect(await fleet.queue.cancel('acme', jobId)).toBe('canceled');
    const job = await fleet.queue.get('acme', jobId);
    expect(job).toMatchObject({
      state: 'ended',
      outcome: 'canceled',
      result: { attempt: 0, evidence: null },
    });
    expect(await fleet.queue.depth()).toMatchObject({ queued: 0, byTenant: {} });
    expect(await fleet.raw.keys(`*jobs:${jobId}*`)).toEqual([]);
    expect(await fleet.raw.keys(`*request*`)).toEqual([]);
    expect(await fleet.queue.cancel('acme', jobId)).toBe('ended');
  });

  it.each(['assigned', 'running'] as const)('a job that is %s reaches its worker', async (state) => {
    await using fleet = await startFleet();
    fleet.work(async ({ job, attempt, signal, begin, end }) => {
      if (state === 'running') await begin();
      await once(signal, 'abort');
      expect(signal.reason).toBeInstanceOf(JobAbort);
      expect(signal.reason.code).toBe('canceled');
      await end(sampleResult(job, attempt, { type: 'canceled' }));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(async () =>
      (await fleet.queue.get('acme', jobId))?.state === state ? true : undefined,
    );
    // From another process than the worker's.
    const api = await fleet.connect();
    expect(await api.cancel('acme', jobId)).toBe('requested');
    expect(await api.waitForResult('acme', jobId, soon())).toMatchObject({ outcome: { type: 'canceled' } });
    expect(await api.get('acme', jobId)).toMatchObject({ cancelRequested: true, outcome: 'canceled' });
    expect(fleet.faults).toEqual([]);
  });

  it('reaches a worker that missed the message', async () => {
    await using fleet = await startFleet();
    fleet.work(async ({ job, attempt, signal, begin, end }) => {
      await begin();
      await once(signal, 'abort');
      await end(sampleResult(job, attempt, { type: 'canceled' }));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(async () => ((await fleet.queue.depth()).running === 1 ? true : undefined));
    await fleet.raw.hset(`{fumehood}:record:${jobId}`, 'cancelRequested', '1');
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({
      outcome: { type: 'canceled' },
    });
  });

  it('before the beginning keeps the command from starting', async () => {
    await using fleet = await startFleet();
    let canceled = () => {};
    const isCanceled = new Promise<void>((resolve) => {
      canceled = resolve;
    });
    let refusal: unknown;
    fleet.work(async ({ job, attempt, begin, end }) => {
      await isCanceled;
      refusal = await begin().catch((error: unknown) => error);
      await end(sampleResult(job, attempt, { type: 'canceled' }));
    });
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await eventually(async () => ((await fleet.queue.depth()).assigned === 1 ? true : undefined));
    await fleet.queue.cancel('acme', jobId);
    canceled();
    await fleet.queue.waitForResult('acme', jobId, soon());
    expect(refusal).toMatchObject({ code: 'fenced' });
  });

  it("an unknown job, or another tenant's, answers the same", async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    expect(await fleet.queue.cancel('other', jobId)).toBe('unknown');
    expect(await fleet.queue.cancel('acme', `job_${'0'.repeat(26)}`)).toBe('unknown');
    expect((await fleet.queue.get('acme', jobId))?.state).toBe('queued');
  });
});
