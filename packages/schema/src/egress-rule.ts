import { z } from 'zod';
import { unknownKeyError } from './unknown-key-error.js';

const HOST =
  /^(?:\*\.)?(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A named way out: an exact host name, or `*.` and a domain (names below it, not the domain itself), and ports. */
export const EgressRuleSchema = z.strictObject(
  {
    host: z
      .string()
      .max(255)
      .regex(HOST, 'expected a lower-case host name with a dot, such as api.example.com or *.example.com')
      .describe('Host name'),
    ports: z.array(z.number().int().min(1).max(65_535)).min(1).max(32).default([443]).describe('TCP ports'),
  },
  { error: unknownKeyError(['host', 'ports']) },
);
export type EgressRule = z.infer<typeof EgressRuleSchema>;
