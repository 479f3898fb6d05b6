import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import {
  DigestSchema,
  JobIdSchema,
  type JobRequest,
  PolicyNameSchema,
  TenantNameSchema,
  TimestampSchema,
} from '@fumehood/schema';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { QueueError } from '../queue-error.js';
import type { SigningKey } from './signing-keys.js';

/** Requests up to this size ride along in the BullMQ payload; larger payloads would slow every worker's fetch. */
const MAX_INLINE_BYTES = 32 * 1024;

/** Whether a request of this size is a blob of its own, which has to be stored, read and deleted. */
export const isStoredApart = (requestBytes: number): boolean => requestBytes > MAX_INLINE_BYTES;

/** What BullMQ carries for a job. The signature covers everything else in it, in canonical form (RFC 8785). */
export const EnvelopeSchema = z.strictObject({
  v: z.literal(1),
  jobId: JobIdSchema,
  tenant: TenantNameSchema,
  policy: z.strictObject({ name: PolicyNameSchema, digest: DigestSchema }),
  submittedAt: TimestampSchema,
  deadlineAt: TimestampSchema,
  request: z.strictObject({
    digest: DigestSchema.describe('Of the JSON text of the JobRequest'),
    bytes: z.number().int().min(0),
    inline: z.string().optional().describe('That text, when it is small; otherwise it is a blob'),
  }),
  keyId: z.string().min(1).max(64),
  signature: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Envelope = z.infer<typeof EnvelopeSchema>;
type Unsigned = Omit<Envelope, 'keyId' | 'signature'>;

export const sha256 = (data: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** The text of a request that is stored, hashed and compared: equal requests have equal texts. */
export function requestText(request: JobRequest): string {
  const text = canonicalize(request);
  if (text === undefined) throw new QueueError('misconfigured', 'The request is not JSON');
  return text;
}

export function signEnvelope(unsigned: Unsigned, key: SigningKey): Envelope {
  const signed = { ...unsigned, keyId: key.id };
  return { ...signed, signature: mac(signed, key) };
}

/** Whether the envelope was signed with the key. Takes the same time wherever the signatures differ. */
export function hasSignatureOf({ signature, ...signed }: Envelope, key: SigningKey): boolean {
  return timingSafeEqual(Buffer.from(mac(signed, key)), Buffer.from(signature));
}

const mac = (signed: Omit<Envelope, 'signature'>, key: SigningKey): string =>
  createHmac('sha256', key.secret)
    .update(canonicalize(signed) ?? '')
    .digest('hex');
