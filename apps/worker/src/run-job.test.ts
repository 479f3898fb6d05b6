import { type SandboxDriver, SandboxError } from '@fumehood/sandbox';
import { fakeDriver } from '@fumehood/sandbox/testing';
import { describe, expect, it } from 'vitest';
import { startTestWorker } from './testing/test-worker.js';

/** The fake driver, whose runs fail on our side the first `times`, after the command has begun. */
function failingRuns(times: number): SandboxDriver {
  const inner = fakeDriver();
  let left = times;
  return {
    ...inner,
    async acquire(profile, signal) {
      const sandbox = await inner.acquire(profile, signal);
      return {
        ...sandbox,
        id: sandbox.id,
        isolation: sandbox.isolation,
        async run(command, io) {
          if (left-- <= 0) return await sandbox.run(command, io);
          await io.beforeStart();
          throw new SandboxError('stream_ended', 'the stream broke', { began: true });
        },
        [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** The fake driver, which can't make the first `times` sandboxes. */
function failingAcquires(times: number): SandboxDriver {
  let left = times;
  return fakeDriver({
    beforeCreate() {
      if (left-- > 0) throw new SandboxError('engine_failed', 'the engine is on fire');
    },
  });
}

describe('running a job', () => {
  it('ends with output, artifacts, evidence and timings, and audits the start before and the end after', async () => {
    await using worker = await startTestWorker(fakeDriver());
    const jobId = await worker.submit({
      code: 'echo out; echo err >&2; echo made > a.txt; exit 3',
      artifacts: ['a.txt'],
    });
    const result = await worker.result(jobId);
    expect(result).toMatchObject({
      outcome: { type: 'exited', exitCode: 3 },
      attempt: 1,
      stdout: { head: 'out\n' },
      stderr: { head: 'err\n' },
      artifacts: [{ path: 'a.txt', bytes: 5 }],
      evidence: { exit: { code: 3, signal: null }, workerId: 'test-worker' },
    });
    expect(result.hint).toContain('exit code 3');
    for (const ms of Object.values(result.timings.phasesMs)) expect(ms).toBeGreaterThanOrEqual(0);
    expect(await worker.audited(jobId)).toEqual(['job.started', 'job.ended']);
  });

  it('tries again when no sandbox could be made, and the job does not notice', async () => {
    await using worker = await startTestWorker(failingAcquires(2));
    const result = await worker.result(await worker.submit({ code: 'echo fine' }));
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 0 });
    expect(result.attempt).toBe(3);
    expect(worker.failures.map(({ consequence }) => consequence)).toEqual(['retried', 'retried']);
  });

  it('ends as lost when no sandbox can ever be made, after a bounded number of attempts', async () => {
    await using worker = await startTestWorker(failingAcquires(100));
    const result = await worker.result(await worker.submit({ code: 'true' }));
    expect(result.outcome).toEqual({ type: 'lost' });
    expect(worker.failures.length).toBe(3);
  });

  it('is lost when the sandbox fails after the command began, and is not run again', async () => {
    await using worker = await startTestWorker(failingRuns(1));
    const result = await worker.result(await worker.submit({ code: 'true' }));
    expect(result).toMatchObject({ outcome: { type: 'lost' }, attempt: 1 });
    expect(worker.failures.map(({ consequence }) => consequence)).toEqual(['lost']);
  });

  it('runs again after such a failure when the job says that it may', async () => {
    await using worker = await startTestWorker(failingRuns(1));
    const result = await worker.result(await worker.submit({ code: 'echo again', retryOnLoss: true }));
    expect(result).toMatchObject({
      outcome: { type: 'exited', exitCode: 0 },
      attempt: 2,
      stdout: { head: 'again\n' },
    });
  });

  it('is denied by the policies of the worker, whatever the API decided', async () => {
    await using worker = await startTestWorker(fakeDriver());
    const denials = [{ code: 'runtime_not_allowed' as const, path: '/runtime', reason: 'Not on this host.' }];
    worker.decideWith(() => ({ denials }));
    const jobId = await worker.submit({ code: 'echo never' });
    expect(await worker.result(jobId)).toMatchObject({
      outcome: { type: 'denied', denials },
      evidence: null,
    });
    expect(await worker.audited(jobId)).toEqual(['job.ended']);
  });

  it('is decided once: what runs is what room was made for, also when policies change meanwhile', async () => {
    await using worker = await startTestWorker(fakeDriver());
    let decisions = 0;
    worker.decideWith(() => {
      decisions++;
      return undefined;
    });
    expect(await worker.result(await worker.submit({ code: 'echo once' }))).toMatchObject({
      stdout: { head: 'once\n' },
    });
    expect(decisions).toBe(1);
  });

  it('is canceled while it runs, with what it wrote until then', async () => {
    await using worker = await startTestWorker(fakeDriver());
    const jobId = await worker.submit({ code: 'echo begun; sleep 60' });
    for await (const { event } of worker.queue.events('acme', jobId, {
      signal: AbortSignal.timeout(15_000),
    })) {
      if (event.type === 'stdout') await worker.queue.cancel('acme', jobId);
    }
    expect(await worker.result(jobId)).toMatchObject({
      outcome: { type: 'canceled' },
      stdout: { head: 'begun\n' },
    });
  });

  it('is finished when the worker drains, and lost when the worker has to hurry', async () => {
    await using worker = await startTestWorker(fakeDriver());
    const jobId = await worker.submit({ code: 'echo begun; sleep 60' });
    for await (const { event } of worker.queue.events('acme', jobId, {
      signal: AbortSignal.timeout(15_000),
    })) {
      if (event.type === 'stdout') break;
    }
    await worker.drain(true);
    expect(await worker.result(jobId)).toMatchObject({
      outcome: { type: 'lost' },
      stdout: { head: 'begun\n' },
    });
  });
});
