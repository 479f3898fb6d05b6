export type {
  Artifact,
  Denial,
  Evidence,
  Job,
  JobEvent,
  JobRequestInput,
  JobState,
  JobSummary,
  Limits,
  Outcome,
  Output,
  Plan,
  Problem,
  Result,
  Runtime,
  WorkerHeartbeat,
} from '@fumehood/schema';
export type {
  ArtifactDownload,
  AuditHeadRecord,
  AuditVerdict,
  CallOptions,
  Client,
  ListOptions,
  PlanAnswer,
  PolicyEntry,
  SubmitOptions,
  WaitOptions,
  WriterVerdict,
} from './client.js';
export { type ClientOptions, createClient } from './create-client.js';
export type { Fetch } from './exchange.js';
export type { FollowOptions, IdentifiedEvent } from './follow-events.js';
export {
  CLIENT_ERRORS,
  type ClientErrorCode,
  FumehoodError,
  type FumehoodErrorDetails,
} from './fumehood-error.js';
export type { OutputPlace, RunOptions } from './run-options.js';
