import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JobRequestSchema } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { readDemoPlan } from './demo-plan.js';

const examplesDir = fileURLToPath(new URL('../../../../examples', import.meta.url));
const { jobs, burst } = await readDemoPlan(examplesDir);

describe('the demo', () => {
  it.each(jobs)('$name is a program that is there, and a request that can be made', (job) => {
    expect(existsSync(join(examplesDir, job.file))).toBe(true);
    const { runtime, limits, artifacts } = job;
    JobRequestSchema.parse({ runtime, limits, artifacts, code: '', labels: { demo: job.name } });
  });

  it.each(jobs)(
    '$name expects what a regular expression can say',
    ({ expect: { stdout = '', stderr = '' } }) => {
      for (const pattern of [stdout, stderr]) new RegExp(pattern);
    },
  );

  it('gives jobs only what an earlier one has made', () => {
    const made = new Set<string>();
    for (const job of jobs) {
      for (const input of job.inputs) expect([...made]).toContain(`${input.job}/${input.artifact}`);
      for (const path of [...job.artifacts, ...job.expect.artifacts]) made.add(`${job.name}/${path}`);
    }
  });

  it('names every job once, and makes a burst', () => {
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(jobs.length);
    expect(burst.jobs).toBeGreaterThanOrEqual(burst.atOnce);
  });
});
