import {
  JobStateSchema,
  type JobSummary,
  JobSummarySchema,
  LANES,
  OUTCOME_TYPES,
  type Result,
  ResultSchema,
} from '@fumehood/schema';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from './keys.js';
import { asQueueError, QueueError } from './queue-error.js';
import type { KnownOfJob } from './result-without-run.js';
import { timestamp } from './timestamp.js';

const FIELDS = [
  'tenant',
  'state',
  'lane',
  'runtime',
  'policy',
  'labels',
  'submittedAt',
  'attempt',
  'began',
  'workerId',
  'claimedAt',
  'startedAt',
  'cancelRequested',
  'outcome',
] as const;

const count = z.coerce.number().int().min(0);
const moment = z.coerce.number().int();
const optional = <T extends z.ZodType>(type: T) => z.union([z.null(), type]);

const RecordSchema = z.object({
  tenant: z.string(),
  state: JobStateSchema,
  lane: z.enum(LANES),
  runtime: z.string(),
  policy: z.string(),
  labels: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.record(z.string(), z.string())),
  submittedAt: moment,
  attempt: count,
  began: count,
  workerId: z.string().nullable(),
  claimedAt: optional(moment),
  startedAt: optional(moment),
  cancelRequested: z.string().nullable(),
  outcome: z.enum(OUTCOME_TYPES).nullable(),
});

/** A job's hash, without its result. Times are milliseconds of Redis's clock. */
export type JobRecord = z.infer<typeof RecordSchema> & { readonly jobId: string };

/** What `HMGET` needs to get a record. */
export const recordFields = (keys: Keys, jobId: string) => [keys.record(jobId), ...FIELDS] as const;

/** The record in an answer to such an HMGET; undefined when there is none. */
export function parseRecord(jobId: string, answer: unknown): JobRecord | undefined {
  const values = z.array(z.string().nullable()).parse(answer);
  if (values[0] === null) return undefined;
  const fields = Object.fromEntries(FIELDS.map((name, index) => [name, values[index]]));
  const record = RecordSchema.safeParse(fields);
  if (!record.success) {
    throw new QueueError('corrupt', `The record of ${jobId} does not parse`, { cause: record.error });
  }
  return { ...record.data, jobId };
}

export async function readRecord(redis: Redis, keys: Keys, jobId: string): Promise<JobRecord | undefined> {
  try {
    return parseRecord(jobId, await redis.hmget(...recordFields(keys, jobId)));
  } catch (error) {
    throw asQueueError(error);
  }
}

/** What a result without a run says of the job. */
export const knownOf = (record: JobRecord): KnownOfJob => ({
  jobId: record.jobId,
  tenant: record.tenant,
  runtime: record.runtime,
  submittedAtMs: record.submittedAt,
  run:
    record.began > 0
      ? { attempt: record.began, claimedAtMs: record.claimedAt ?? 0, startedAtMs: record.startedAt ?? 0 }
      : null,
});

export const summaryOf = (record: JobRecord): JobSummary =>
  JobSummarySchema.parse({
    id: record.jobId,
    tenant: record.tenant,
    state: record.state,
    runtime: record.runtime,
    policy: record.policy,
    lane: record.lane,
    labels: record.labels,
    submittedAt: timestamp(record.submittedAt),
    workerId: record.workerId,
    attempt: record.attempt,
    cancelRequested: record.cancelRequested !== null,
    outcome: record.outcome,
  });

/** A stored result. */
export function parseResult(jobId: string, text: string): Result {
  const result = ResultSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  throw new QueueError('corrupt', `The result of ${jobId} does not parse`, { cause: result.error });
}
