import { JobIdSchema } from '@fumehood/schema';
import { z } from 'zod';
import { WaitSchema } from '../duration.js';

/** The path of every endpoint of one job. */
export const JobParamsSchema = z.strictObject({ id: JobIdSchema.describe("The job's id") });

/** Of endpoints that take no parameters: one that is there was meant to do something. */
export const NoQuerySchema = z.strictObject({});

/** `?wait=` of the endpoints that answer with a job. */
export const WaitQuerySchema = z.strictObject({
  wait: WaitSchema.optional().describe(
    'Wait so long for the job to end, such as 500ms, 30s or 2m (the most). Disconnecting does not cancel the job',
  ),
});

/** A whole number in a query string. */
export const countInQuery = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .refine((count) => count >= min && count <= max, { error: `expected ${min} to ${max}` })
    .meta({ type: 'integer', minimum: min, maximum: max });
