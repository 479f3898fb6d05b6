import type { Outcome, Result } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import type { DemoJob } from './demo-plan.js';
import { judge } from './judge.js';

const output = (head: string): Result['stdout'] => ({
  encoding: 'utf8',
  head,
  tail: '',
  totalBytes: head.length,
  omittedBytes: 0,
});
const job = (over: Partial<DemoJob['expect']> = {}): DemoJob => ({
  name: 'job',
  title: 'a job',
  file: 'hostile/job.py',
  runtime: 'python',
  inputs: [],
  artifacts: [],
  limits: {},
  expect: { outcome: { type: 'exited', exitCode: 0 }, artifacts: [], pidsRefused: false, ...over },
});
const result = (outcome: Outcome, over: Partial<Result> = {}): Result => ({
  jobId: 'job_00000000000000000000000000',
  tenant: 'local',
  runtime: 'python',
  attempt: 1,
  outcome,
  hint: '',
  stdout: output('all is well\n'),
  stderr: output(''),
  artifacts: [],
  skippedArtifacts: [],
  timings: {
    submittedAt: '2026-01-01T00:00:00.000Z',
    claimedAt: null,
    acquiredAt: null,
    startedAt: null,
    firstOutputAt: null,
    finishedAt: '2026-01-01T00:00:01.000Z',
    phasesMs: { queue: null, acquire: null, files: null, run: null, collect: null },
  },
  evidence: null,
  ...over,
});
const exited = (exitCode: number): Outcome => ({ type: 'exited', exitCode });

describe('a job of the demo', () => {
  it('is as it must be when outcome, output and artifacts are', () => {
    const done = result(exited(0), {
      artifacts: [{ path: 'a.png', bytes: 1, digest: `sha256:${'0'.repeat(64)}` }],
    });
    expect(judge(job({ stdout: 'is well$|\\n', artifacts: ['a.png'] }), done)).toEqual([]);
  });

  it.each<[string, Partial<DemoJob['expect']>, Outcome, string]>([
    ['another exit code', {}, exited(1), 'the outcome must be exited 0'],
    ['another kind of outcome', {}, { type: 'lost' }, 'the outcome must be exited 0'],
    [
      'another limit',
      { outcome: { type: 'limit_exceeded', limit: 'memory' } },
      { type: 'limit_exceeded', limit: 'wall_time' },
      'the outcome must be limit_exceeded memory',
    ],
    ['other output', { stdout: 'CONNECTED' }, exited(0), 'stdout must have: CONNECTED'],
    ['no such artifact', { artifacts: ['a.png'] }, exited(0), 'the artifact a.png must be there'],
  ])('is not with %s', (_, expected, outcome, fault) => {
    expect(judge(job(expected), result(outcome))).toEqual([fault]);
  });
});
