import type { Job, Result, WorkerHeartbeat } from '@fumehood/schema';
import type { ArtifactContent } from './artifacts.js';
import type { RedisAuditStore } from './audit-store.js';
import type { CancelAnswer } from './cancel-job.js';
import type { ConsumeOptions } from './consumer/consume.js';
import type { Delivery } from './consumer/delivery.js';
import type { Depth } from './depth.js';
import type { StoredEvent } from './events/read-events.js';
import type { HealthFinding } from './health.js';
import type { JobFilter, JobPage } from './list-jobs.js';
import type { Submission, Submitted } from './submit-job.js';

/**
 * The fleet's queue. Every method may throw QueueError `unavailable`: at once with patience `fail`; with `wait` only when Redis is there but
 * does not serve. A job of another tenant's is answered for like one that never was.
 */
export interface JobQueue extends AsyncDisposable {
  /** Takes a job in. Throws `tenant_full`, `idempotency_conflict`, `too_large`. */
  submit(submission: Submission): Promise<Submitted>;
  get(tenant: string, jobId: string): Promise<Job | undefined>;
  /** Newest first. Throws `cursor_invalid`. */
  list(tenant: string, filter: JobFilter): Promise<JobPage>;
  cancel(tenant: string, jobId: string): Promise<CancelAnswer>;
  /** Forgets an ended job and all that belongs to it. */
  purge(tenant: string, jobId: string): Promise<'purged' | 'not_ended' | 'unknown'>;
  /** A job's events from the beginning, or after an id, then live; ends after `result`. Throws `job_unknown`, `cursor_invalid`. */
  events(
    tenant: string,
    jobId: string,
    options: { readonly after?: string | undefined; readonly signal: AbortSignal },
  ): AsyncIterable<StoredEvent>;
  /** The result, once there is one; undefined for an unknown job, or when the signal aborts first. */
  waitForResult(tenant: string, jobId: string, signal: AbortSignal): Promise<Result | undefined>;
  artifact(tenant: string, jobId: string, path: string): Promise<ArtifactContent | undefined>;
  /** The workers that live. */
  workers(): Promise<WorkerHeartbeat[]>;
  depth(): Promise<Depth>;
  /** Never throws. */
  health(): Promise<readonly HealthFinding[]>;
  readonly auditStore: RedisAuditStore;

  /** Takes jobs and hands them to the handler. Resolves when drained after `options.signal` aborted. */
  consume(options: ConsumeOptions, handle: (delivery: Delivery) => Promise<void>): Promise<void>;
  /** To be said every few seconds; a worker that is silent for 15 s is gone. */
  heartbeat(heartbeat: WorkerHeartbeat): Promise<void>;
  retire(workerId: string): Promise<void>;
}
