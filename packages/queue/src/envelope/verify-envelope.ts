import { type JobRequest, JobRequestSchema } from '@fumehood/schema';
import type { RejectionReason } from '../rejection.js';
import { EnvelopeSchema, hasSignatureOf, sha256 } from './envelope.js';
import { findKey, type SigningKeys } from './signing-keys.js';

/** A job whose every part was verified and parsed. */
export interface VerifiedJob {
  readonly id: string;
  readonly tenant: string;
  readonly request: JobRequest;
  /** Of the request's JSON. */
  readonly requestBytes: number;
  readonly policyName: string;
  readonly policyDigest: string;
  readonly submittedAt: string;
  readonly deadlineAt: string;
}

export type Verdict =
  | { readonly ok: true; readonly job: VerifiedJob }
  | { readonly ok: false; readonly reason: RejectionReason };

const rejected = (reason: RejectionReason): Verdict => ({ ok: false, reason });

/**
 * Decides whether a BullMQ payload is a job that the API submitted. Nothing of it is believed before its signature was checked.
 * @param loadRequest gets the text of a request that is not inline; undefined when it is not there
 */
export async function verifyEnvelope(
  bullJobId: string,
  payload: unknown,
  keys: SigningKeys,
  loadRequest: (jobId: string, bytes: number) => Promise<Uint8Array | undefined>,
): Promise<Verdict> {
  const parsed = EnvelopeSchema.safeParse(payload);
  if (!parsed.success) return rejected('unreadable');
  const envelope = parsed.data;
  const key = findKey(keys, envelope.keyId);
  if (key === undefined) return rejected('key_unknown');
  if (!hasSignatureOf(envelope, key)) return rejected('signature_mismatch');
  if (envelope.jobId !== bullJobId) return rejected('job_id_mismatch');

  const { digest, bytes, inline } = envelope.request;
  const text = inline === undefined ? await loadRequest(envelope.jobId, bytes) : Buffer.from(inline);
  if (text === undefined) return rejected('request_missing');
  if (text.byteLength !== bytes || sha256(text) !== digest) return rejected('request_digest_mismatch');
  const request = JobRequestSchema.safeParse(parseJson(text));
  if (!request.success) return rejected('request_invalid');
  return {
    ok: true,
    job: {
      id: envelope.jobId,
      tenant: envelope.tenant,
      request: request.data,
      requestBytes: bytes,
      policyName: envelope.policy.name,
      policyDigest: envelope.policy.digest,
      submittedAt: envelope.submittedAt,
      deadlineAt: envelope.deadlineAt,
    },
  };
}

function parseJson(text: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString('utf8'));
  } catch {
    return undefined;
  }
}
