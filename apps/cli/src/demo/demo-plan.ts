import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutcomeSchema, PartialLimitsSchema, RuntimeNameSchema, WorkspacePathSchema } from '@fumehood/schema';
import { z } from 'zod';

/** What must be true of a job's result. `stdout` and `stderr` are regular expressions. */
const ExpectationSchema = z.strictObject({
  outcome: OutcomeSchema,
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  artifacts: z.array(z.string()).default([]),
  pidsRefused: z.boolean().default(false),
});

/** A job of the demo: a program below examples/, what it is given, and how it must end. */
const DemoJobSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  file: WorkspacePathSchema,
  runtime: RuntimeNameSchema,
  inputs: z
    .array(z.strictObject({ job: z.string(), artifact: WorkspacePathSchema }))
    .default([])
    .describe('Artifacts of earlier jobs that this one reads'),
  artifacts: z.array(z.string()).default([]),
  limits: PartialLimitsSchema.default({}),
  expect: ExpectationSchema,
});
export type DemoJob = z.infer<typeof DemoJobSchema>;

/** Small equal jobs, several at once, to time the phases by. */
const BurstSchema = z.strictObject({
  jobs: z.number().int().min(1),
  atOnce: z.number().int().min(1),
  runtime: RuntimeNameSchema,
  code: z.string(),
  stdout: z.string(),
});
export type Burst = z.infer<typeof BurstSchema>;

const DemoPlanSchema = z.strictObject({ jobs: z.array(DemoJobSchema).min(1), burst: BurstSchema });
export type DemoPlan = z.infer<typeof DemoPlanSchema>;

/** examples/demo.json. */
export async function readDemoPlan(examplesDir: string): Promise<DemoPlan> {
  return DemoPlanSchema.parse(JSON.parse(await readFile(join(examplesDir, 'demo.json'), 'utf8')));
}
