import { z } from 'zod';
import { LANES } from './job-request.js';
import {
  JobIdSchema,
  PolicyNameSchema,
  RuntimeNameSchema,
  TenantNameSchema,
  TimestampSchema,
  WorkerIdSchema,
} from './names.js';
import { OUTCOME_TYPES } from './outcome.js';
import { ResultSchema } from './result.js';

/** queued: waits; assigned: a worker prepares its sandbox; running: the command began; ended: it has a result. */
export const JOB_STATES = ['queued', 'assigned', 'running', 'ended'] as const;
export const JobStateSchema = z.enum(JOB_STATES);
export type JobState = z.infer<typeof JobStateSchema>;

/** A job as its tenant sees it in a list. */
export const JobSummarySchema = z.strictObject({
  id: JobIdSchema,
  tenant: TenantNameSchema,
  state: JobStateSchema,
  runtime: RuntimeNameSchema,
  policy: PolicyNameSchema,
  lane: z.enum(LANES),
  labels: z.record(z.string(), z.string()),
  submittedAt: TimestampSchema,
  workerId: WorkerIdSchema.nullable(),
  attempt: z.number().int().min(0),
  cancelRequested: z.boolean(),
  outcome: z.enum(OUTCOME_TYPES).nullable().describe('Type of the outcome, once the job has ended'),
});
export type JobSummary = z.infer<typeof JobSummarySchema>;

/** A job with its result, once it has one. */
export const JobSchema = JobSummarySchema.extend({
  queue: z
    .strictObject({
      position: z.number().int().min(0).describe('Jobs that are likely to start before this one'),
      estimatedWaitMs: z.number().min(0).nullable().describe('null when there is nothing to estimate from'),
    })
    .nullable()
    .describe('Present while the job is queued'),
  result: ResultSchema.nullable(),
});
export type Job = z.infer<typeof JobSchema>;
