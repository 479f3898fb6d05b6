import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Client } from '@fumehood/client';
import type { JobRequestInput } from '@fumehood/schema';
import type { DemoJob } from './demo-plan.js';
import { judge } from './judge.js';
import type { TimedResult } from './phase-times.js';

export interface FinishedDemoJob extends TimedResult {
  readonly job: DemoJob;
  /** What is not as it must be. */
  readonly faults: readonly string[];
  /** Where its artifacts were stored. */
  readonly saved: readonly string[];
}

export interface DemoJobOptions {
  readonly client: Client;
  readonly examplesDir: string;
  /** Artifacts go to a folder of the job's name in here. */
  readonly outputDir: string;
  readonly signal: AbortSignal;
}

/** Runs one job of the demo as any client of the API would. */
export async function runDemoJob(job: DemoJob, options: DemoJobOptions): Promise<FinishedDemoJob> {
  const { client, outputDir, signal } = options;
  const request = await requestOf(job, options);
  const began = performance.now();
  const result = await client.run(request, { signal });
  const totalMs = performance.now() - began;
  const saved: string[] = [];
  // Only the names that the demo knows: a job can't choose where on this machine something is written.
  for (const path of artifactsToKeep(job).filter((path) =>
    result.artifacts.some((artifact) => artifact.path === path),
  )) {
    const target = join(outputDir, job.name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await (await client.artifact(result.jobId, path, { signal })).read());
    saved.push(target);
  }
  return { job, result, totalMs, faults: judge(job, result), saved };
}

const artifactsToKeep = (job: DemoJob): readonly string[] => [
  ...new Set([...job.expect.artifacts, ...job.artifacts.filter((pattern) => !/[*?]/.test(pattern))]),
];

async function requestOf(job: DemoJob, { examplesDir, outputDir }: DemoJobOptions): Promise<JobRequestInput> {
  const files = await Promise.all(
    job.inputs.map(async ({ job: earlier, artifact }) => ({
      path: artifact,
      contentBase64: (await readFile(join(outputDir, earlier, artifact))).toString('base64'),
    })),
  );
  return {
    runtime: job.runtime,
    code: await readFile(join(examplesDir, job.file), 'utf8'),
    entry: basename(job.file),
    files,
    artifacts: job.artifacts,
    limits: job.limits,
    labels: { demo: job.name },
  };
}
