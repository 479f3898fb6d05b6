/** Why a payload from BullMQ was not run. */
export const REJECTION_REASONS = {
  unreadable: 'the payload is not an envelope',
  key_unknown: 'it is signed with a key that this worker does not accept',
  signature_mismatch: 'its signature does not match its content',
  job_id_mismatch: 'it was signed for another job id',
  request_missing: 'its request is not stored',
  request_digest_mismatch: 'its request is not the one that was signed',
  request_invalid: 'its request does not parse',
  record_missing: 'there is no record of the job',
  record_mismatch: "the job's record is another tenant's",
} as const;
export type RejectionReason = keyof typeof REJECTION_REASONS;

/** A payload that was not run. It is in the dead-letter stream; when it had a job's record, that job ended as denied. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** BullMQ's id of it; not necessarily a job's. Cut to 128 characters. */
  readonly jobId: string;
  /** Whether a job ended as denied because of it. */
  readonly denied: boolean;
}
