import { z } from 'zod';
import { DenialSchema } from './plan.js';

/** Problem details (RFC 9457), the body of every error response. */
export const ProblemSchema = z.object({
  type: z.string().describe('A URI that names the kind of problem; the documentation has a section for each'),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string().describe('The kind of problem, for programs'),
  requestId: z.string().optional(),
  errors: z
    .array(z.object({ path: z.string().describe('JSON Pointer'), message: z.string() }))
    .optional()
    .describe('What is wrong in the request, part by part'),
  denials: z.array(DenialSchema).optional().describe('Why the policy does not allow the request'),
});
export type Problem = z.infer<typeof ProblemSchema>;
