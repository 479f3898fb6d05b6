import type { VerifiedJob } from '../envelope/verify-envelope.js';

/**
 * The worker's word on how much it can take. A job is fetched when there is room at all, and started when there is room for it: one job at most
 * is held back meanwhile, and those behind it wait, so that a large job is not overtaken for ever.
 */
export interface Admission {
  /** Resolves when at least some capacity is free. */
  room(signal: AbortSignal): Promise<void>;
  /** Resolves when there is room for the job, which is its until disposal. Rejects with `signal.reason`. */
  reserve(job: VerifiedJob, signal: AbortSignal): Promise<AsyncDisposable>;
}
