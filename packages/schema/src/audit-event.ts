import { z } from 'zod';
import { DigestSchema, TimestampSchema } from './names.js';

/** What is recorded. Each is written before the thing that it announces happens. */
export const AUDIT_TYPES = [
  'writer.started',
  'writer.stopped',
  'job.submitted',
  'job.denied',
  'job.claimed',
  'job.started',
  'job.ended',
  'job.cancel_requested',
  'job.purged',
  'job.rejected',
  'sandbox.reaped',
  'policy.loaded',
  'policy.refused',
  'auth.refused',
] as const;
export type AuditType = (typeof AUDIT_TYPES)[number];

const Scalar = z.union([z.string().max(1024), z.number(), z.boolean(), z.null()]);

/** What a writer gives; the log adds the chain's fields. Never code, environment or output of a job. */
export const AuditEntrySchema = z.strictObject({
  type: z.enum(AUDIT_TYPES),
  tenant: z.string().max(63).nullable(),
  jobId: z.string().max(64).nullable(),
  data: z.record(z.string().max(64), Scalar),
});
export type AuditEntry = z.infer<typeof AuditEntrySchema>;

/** One link of a writer's chain. `hash` covers every other field in canonical form (RFC 8785); `previous` is the hash before it. */
export const AuditEventSchema = AuditEntrySchema.extend({
  writer: z.string().min(1).max(128),
  sequence: z.number().int().min(0).describe('0 for the first event of a chain'),
  at: TimestampSchema,
  previous: DigestSchema,
  hash: DigestSchema,
});
export type AuditEvent = z.infer<typeof AuditEventSchema>;
