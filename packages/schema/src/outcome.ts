import { z } from 'zod';
import { DenialSchema } from './plan.js';

/** The limits whose passing ends a job. */
export const ENDING_LIMITS = ['wall_time', 'cpu_time', 'memory', 'output'] as const;

/** How a job ended. One closed union: a consumer can switch over `type` and be done. */
export const OutcomeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('exited'), exitCode: z.number().int().min(0).max(255) }),
  z.strictObject({ type: z.literal('signalled'), signal: z.string().describe('Such as SIGSEGV') }),
  z.strictObject({ type: z.literal('limit_exceeded'), limit: z.enum(ENDING_LIMITS) }),
  z.strictObject({ type: z.literal('compile_failed'), exitCode: z.number().int().min(0).max(255) }),
  z.strictObject({ type: z.literal('canceled') }),
  z.strictObject({ type: z.literal('expired') }),
  z.strictObject({ type: z.literal('denied'), denials: z.array(DenialSchema) }),
  z.strictObject({ type: z.literal('lost') }),
]);
export type Outcome = z.infer<typeof OutcomeSchema>;
export const OUTCOME_TYPES = [
  'exited',
  'signalled',
  'limit_exceeded',
  'compile_failed',
  'canceled',
  'expired',
  'denied',
  'lost',
] as const satisfies readonly Outcome['type'][];
