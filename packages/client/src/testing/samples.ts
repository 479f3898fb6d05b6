import { type Job, type JobEvent, JobSchema, type Result, ResultSchema } from '@fumehood/schema';
import type { IdentifiedEvent } from '../follow-events.js';

export const JOB_ID = 'job_01jd8x4q0v9m3k7r2t5w6y8z1a';
const AT = '2026-01-02T03:04:05.678Z';

const noOutput = { encoding: 'utf8', head: '', tail: '', totalBytes: 0, omittedBytes: 0 } as const;

export function sampleResult(changes: Partial<Result> = {}): Result {
  return ResultSchema.parse({
    jobId: JOB_ID,
    tenant: 'acme',
    runtime: 'python',
    attempt: 1,
    outcome: { type: 'exited', exitCode: 0 },
    hint: 'The program ended by itself.',
    stdout: { ...noOutput, head: '42\n', totalBytes: 3 },
    stderr: noOutput,
    artifacts: [],
    skippedArtifacts: [],
    timings: {
      submittedAt: AT,
      claimedAt: null,
      acquiredAt: null,
      startedAt: null,
      firstOutputAt: null,
      finishedAt: AT,
      phasesMs: { queue: 1, acquire: 2, files: 3, run: 4, collect: 5 },
    },
    evidence: null,
    ...changes,
  });
}

export function sampleJob(changes: Partial<Job> = {}): Job {
  return JobSchema.parse({
    id: JOB_ID,
    tenant: 'acme',
    state: 'queued',
    runtime: 'python',
    policy: 'default',
    lane: 'interactive',
    labels: {},
    submittedAt: AT,
    workerId: null,
    attempt: 0,
    cancelRequested: false,
    outcome: null,
    queue: { position: 0, estimatedWaitMs: null },
    result: null,
    ...changes,
  });
}

export const endedJob = (): Job =>
  sampleJob({ state: 'ended', queue: null, outcome: 'exited', result: sampleResult() });

/** What happens to a job that says so many numbers, from submission to result, with ids as Redis streams have them. */
export function sampleEvents(outputs = 3): IdentifiedEvent[] {
  const output = (index: number): JobEvent => ({
    type: index % 2 === 0 ? 'stdout' : 'stderr',
    at: AT,
    offset: Math.floor(index / 2) * 2,
    bytes: 2,
    encoding: 'utf8',
    data: `${index % 10}\n`,
  });
  const events: JobEvent[] = [
    { type: 'state', at: AT, state: 'queued', attempt: 0 },
    { type: 'state', at: AT, state: 'running', attempt: 1 },
    ...Array.from({ length: outputs }, (_, index) => output(index)),
    { type: 'state', at: AT, state: 'ended', attempt: 1 },
    { type: 'result', at: AT, result: sampleResult() },
  ];
  return events.map((event, index) => ({ id: `1700000000000-${index}`, event }));
}

export const frame = ({ id, event }: IdentifiedEvent): string =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
