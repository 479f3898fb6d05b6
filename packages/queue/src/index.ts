export type { ArtifactContent } from './artifacts.js';
export type { AuditStoreHead, RedisAuditStore } from './audit-store.js';
export type { StoredBlob } from './blobs/blob-store.js';
export type { CancelAnswer } from './cancel-job.js';
export { type ConnectOptions, connectQueue } from './connect-queue.js';
export type { Patience } from './connect-redis.js';
export type { Admission } from './consumer/admission.js';
export type { ConsumeOptions } from './consumer/consume.js';
export type { Delivery } from './consumer/delivery.js';
export { JOB_ABORT_CODES, JobAbort, type JobAbortCode } from './consumer/job-abort.js';
export type { Depth } from './depth.js';
export {
  parseSigningKeys,
  type SigningKey,
  type SigningKeys,
  SigningKeysSchema,
} from './envelope/signing-keys.js';
export type { VerifiedJob } from './envelope/verify-envelope.js';
export type { StoredEvent } from './events/read-events.js';
export { HEALTH_CHECKS, type HealthFinding } from './health.js';
export type { JobQueue } from './job-queue.js';
export { DEFAULT_PREFIX } from './keys.js';
export type { JobFilter, JobPage } from './list-jobs.js';
export type { Position } from './position.js';
export { isUnavailable, QUEUE_ERRORS, QueueError, type QueueErrorCode } from './queue-error.js';
export { REJECTION_REASONS, type Rejection, type RejectionReason } from './rejection.js';
export type { Submission, Submitted } from './submit-job.js';
export { DEFAULT_TUNING, type QueueTuning } from './tuning.js';
export { HEARTBEAT_TTL_MS } from './worker-registry.js';
