import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIX } from '../keys.js';
import { type RunScript, registerScripts, scriptRunner } from '../script.js';
import { type Fleet, startFleet } from '../testing/fleet.js';
import { sampleSubmission } from '../testing/sample-job.js';
import { DEFAULT_TUNING } from '../tuning.js';
import { addedScript } from './added.js';
import { beginScript } from './begin.js';
import { claimScript } from './claim.js';
import { endScript } from './end.js';
import { SCRIPTS } from './index.js';
import { retryScript } from './retry.js';
import { writeOutputScript } from './write-output.js';

/** A client that loses its connection sends again what was not answered: each script must do a second time what it did the first. */
describe('a script that is sent twice', () => {
  let fleet: Fleet;
  let run: RunScript;
  beforeAll(async () => {
    fleet = await startFleet();
    registerScripts(fleet.raw, SCRIPTS);
    run = scriptRunner(fleet.raw, DEFAULT_PREFIX);
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  const submit = async () => {
    const { jobId } = await fleet.queue.submit(sampleSubmission());
    await fleet.raw.set(`{fumehood}:jobs:${jobId}:lock`, 'token');
    return jobId;
  };
  const claim = (jobId: string, token = 'token') =>
    run(claimScript, {
      jobId,
      tenant: 'acme',
      workerId: 'w',
      token,
      deadlineAtMs: Number.MAX_SAFE_INTEGER,
      retryOnLoss: false,
      maxFailures: 3,
      tuning: DEFAULT_TUNING,
    });
  const states = async (jobId: string) =>
    (await fleet.raw.xrange(`{fumehood}:events:${jobId}`, '-', '+')).map(
      ([, fields]) => fields[5] ?? fields[1],
    );

  it('claims, begins, writes and ends once', async () => {
    const jobId = await submit();
    const first = await claim(jobId);
    expect(first).toMatchObject({ verdict: 'run', claimed: { attempt: 1, earlier: null } });
    expect(await claim(jobId)).toMatchObject({ verdict: 'run', claimed: { attempt: 1 } });
    for (const _time of [1, 2]) {
      expect(await run(beginScript, { jobId, attempt: 1 })).toMatchObject({ status: 'begun' });
    }
    const entries = [{ stream: 'stdout', offset: 0, bytes: 1, encoding: 'utf8', data: 'x' }] as const;
    for (const _time of [1, 2]) {
      const output = { jobId, attempt: 1, sequence: 1, maxBytes: 1_000, entries };
      expect(await run(writeOutputScript, output)).toEqual({ status: 'written' });
    }
    for (const _time of [1, 2]) {
      const ending = { jobId, by: 1, outcome: 'lost', result: '{}', token: 'once' };
      expect(await run(endScript, ending)).toEqual({ status: 'accepted' });
    }
    expect(await states(jobId)).toEqual(['queued', 'assigned', 'running', '0', 'ended', 'result']);
    expect(await fleet.queue.depth()).toMatchObject({ queued: 0, assigned: 0, running: 0 });
  });

  it('hands back once', async () => {
    const jobId = await submit();
    await claim(jobId);
    const handing = { jobId, attempt: 1, failed: true, maxFailures: 3 };
    for (const _time of [1, 2]) {
      expect(await run(retryScript, handing)).toEqual({ status: 'queued', failures: 1 });
    }
    expect(await run(endScript, { jobId, by: 1, outcome: 'lost', result: '{}', token: 'late' })).toEqual({
      status: 'refused',
    });
    await fleet.raw.set(`{fumehood}:jobs:${jobId}:lock`, 'second');
    expect(await claim(jobId, 'second')).toMatchObject({ verdict: 'run', claimed: { attempt: 2 } });
    expect(await run(retryScript, handing)).toMatchObject({ status: 'fenced' });
    expect(await run(beginScript, { jobId, attempt: 1 })).toMatchObject({ status: 'fenced' });
  });

  it('is not obeyed from a worker that lost the lock on the way', async () => {
    const jobId = await submit();
    expect(await claim(jobId, 'another token')).toEqual({ verdict: 'not_held' });
    expect((await fleet.queue.get('acme', jobId))?.attempt).toBe(0);
  });

  it('answers for a record that is gone as gone', async () => {
    const jobId = `job_${'0'.repeat(26)}`;
    expect(await run(addedScript, { jobId, base: 0, tuning: DEFAULT_TUNING })).toEqual({ status: 'gone' });
    expect(await claim(jobId)).toEqual({ verdict: 'unknown' });
    expect(await fleet.raw.exists(`{fumehood}:record:${jobId}`)).toBe(0);
  });
});
