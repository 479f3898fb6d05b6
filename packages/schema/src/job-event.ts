import { z } from 'zod';
import { JobStateSchema } from './job.js';
import { TimestampSchema } from './names.js';
import { ResultSchema } from './result.js';

const OutputEventFields = {
  at: TimestampSchema,
  offset: z
    .number()
    .int()
    .min(0)
    .describe('Position of the first byte in the stream; a jump means that bytes were dropped'),
  bytes: z.number().int().min(1),
  encoding: z.enum(['utf8', 'base64']),
  data: z.string(),
};

/** One event of a job's life, in order. `result` is the last. The id for Last-Event-ID is the SSE field, not part of the data. */
export const JobEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('state'),
    at: TimestampSchema,
    state: JobStateSchema,
    attempt: z.number().int().min(0),
  }),
  z.strictObject({ type: z.literal('stdout'), ...OutputEventFields }),
  z.strictObject({ type: z.literal('stderr'), ...OutputEventFields }),
  z.strictObject({ type: z.literal('result'), at: TimestampSchema, result: ResultSchema }),
]);
export type JobEvent = z.infer<typeof JobEventSchema>;
