import type {
  Denial,
  Job,
  JobRequestInput,
  JobState,
  JobSummary,
  Plan,
  Result,
  Runtime,
  WorkerHeartbeat,
} from '@fumehood/schema';
import type { FollowOptions, IdentifiedEvent } from './follow-events.js';
import type { RunOptions } from './run-options.js';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface WaitOptions extends CallOptions {
  /** Longest that the server may hold the answer back for the job to end, in milliseconds; at most 120,000. */
  readonly waitMs?: number | undefined;
}

export interface SubmitOptions extends WaitOptions {
  /** The same key and request give the same job. Made up when absent, so that the client can try again safely. */
  readonly idempotencyKey?: string | undefined;
}

export interface ListOptions extends CallOptions {
  readonly state?: JobState | undefined;
  readonly runtime?: string | undefined;
  /** As `key:value`. */
  readonly label?: string | undefined;
  /** Jobs fetched at once, 1 to 200. */
  readonly pageSize?: number | undefined;
}

/** An artifact under way. Read it to its end, or stop iterating, or abort: it holds a connection. */
export interface ArtifactDownload {
  readonly bytes: number | undefined;
  /** As in the result: `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | undefined;
  /** May be iterated once. */
  readonly content: AsyncIterable<Uint8Array>;
  /** The whole content; rejects with `bad_response` when it is longer than `maxBytes` (1 GiB when absent). */
  read(maxBytes?: number): Promise<Uint8Array>;
}

export type PlanAnswer =
  | { readonly plan: Plan; readonly explanation: string }
  | { readonly denials: readonly Denial[]; readonly explanation: string };

/** A policy as its document has it. */
export interface PolicyEntry {
  readonly policy: { readonly name: string; readonly description?: string } & Readonly<
    Record<string, unknown>
  >;
  readonly digest: string;
  /** Whether it serves requests that name no policy. */
  readonly isDefault: boolean;
}

/** The server's own verification of one writer's audit chain. */
export interface WriterVerdict {
  readonly writer: string;
  readonly events: number;
  readonly ok: boolean;
  /** The first thing that is wrong; null when nothing is. */
  readonly fault: { readonly kind: string; readonly sequence: number | null; readonly detail: string } | null;
  readonly head: AuditHeadRecord | null;
}

/** The signed end of a chain. Keep it where the fleet's operator can't reach it to make a later rollback visible. */
export interface AuditHeadRecord {
  readonly writer: string;
  readonly sequence: number;
  readonly hash: string;
  readonly signature: string;
}

export interface AuditVerdict {
  readonly ok: boolean;
  readonly writers: readonly WriterVerdict[];
}

/** What every method may reject with is a FumehoodError, or the reason of the caller's own abort. */
export interface Client {
  /** Resolves once the job is recorded; with `waitMs`, with its result when it ends in time. */
  submit(request: JobRequestInput, options?: SubmitOptions): Promise<Job>;
  /** Runs a job: submits it, hands its output on as it comes, and resolves with its result. */
  run(request: JobRequestInput, options?: RunOptions): Promise<Result>;
  get(jobId: string, options?: WaitOptions): Promise<Job>;
  /** The tenant's jobs, newest first, page by page as they are asked for. */
  list(options?: ListOptions): AsyncGenerator<JobSummary, void>;
  /** Ends a job that waits or runs; resolves with the job, which may have ended by itself. */
  cancel(jobId: string, options?: CallOptions): Promise<Job>;
  /** Removes a job that has ended, with all that is kept of it. Rejects with `job_not_ended` otherwise. */
  purge(jobId: string, options?: CallOptions): Promise<void>;
  /** A job's events: those that were, then those that come; `result` is the last. Survives broken connections. */
  events(jobId: string, options?: FollowOptions): AsyncGenerator<IdentifiedEvent, void>;
  artifact(jobId: string, path: string, options?: CallOptions): Promise<ArtifactDownload>;
  /** What would run, or why it would not; runs nothing. */
  plan(request: JobRequestInput, options?: CallOptions): Promise<PlanAnswer>;
  runtimes(options?: CallOptions): Promise<Runtime[]>;
  policies(options?: CallOptions): Promise<PolicyEntry[]>;
  /** Living workers; needs a key with the scope `fleet`. */
  workers(options?: CallOptions): Promise<WorkerHeartbeat[]>;
  /** Has the server verify the audit trail; needs a key with the scope `fleet`. */
  audit(options?: CallOptions): Promise<AuditVerdict>;
}
