export {
  AUDIT_TYPES,
  type AuditEntry,
  AuditEntrySchema,
  type AuditEvent,
  AuditEventSchema,
  type AuditType,
} from './audit-event.js';
export { type EgressRule, EgressRuleSchema } from './egress-rule.js';
export {
  ISOLATION_TIERS,
  type Isolation,
  IsolationSchema,
  type IsolationTier,
  IsolationTierSchema,
} from './isolation.js';
export {
  JOB_STATES,
  type Job,
  JobSchema,
  type JobState,
  JobStateSchema,
  type JobSummary,
  JobSummarySchema,
} from './job.js';
export { type JobEvent, JobEventSchema } from './job-event.js';
export {
  type InputFile,
  InputFileSchema,
  type JobRequest,
  type JobRequestInput,
  JobRequestSchema,
  LANES,
  MAX_FILES,
} from './job-request.js';
export {
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  LimitsSchema,
  type PartialLimits,
  PartialLimitsSchema,
} from './limits.js';
export {
  DigestSchema,
  type JobId,
  JobIdSchema,
  PolicyNameSchema,
  RuntimeNameSchema,
  TenantNameSchema,
  TimestampSchema,
  WorkerIdSchema,
} from './names.js';
export { ENDING_LIMITS, OUTCOME_TYPES, type Outcome, OutcomeSchema } from './outcome.js';
export {
  type Command,
  CommandSchema,
  DENIAL_CODES,
  type Denial,
  DenialSchema,
  type Plan,
  PlanSchema,
  type Profile,
  ProfileSchema,
} from './plan.js';
export { type Problem, ProblemSchema } from './problem.js';
export {
  type Artifact,
  ArtifactSchema,
  type Evidence,
  EvidenceSchema,
  type Output,
  OutputSchema,
  type Result,
  ResultSchema,
  SKIP_REASONS,
  type SkippedArtifact,
  SkippedArtifactSchema,
  type Timings,
  TimingsSchema,
  type Usage,
  UsageSchema,
} from './result.js';
export {
  type Runtime,
  type RuntimeDefinition,
  RuntimeDefinitionSchema,
  type RuntimeLock,
  RuntimeLockSchema,
  RuntimeSchema,
} from './runtime.js';
export { unknownKeyError } from './unknown-key-error.js';
export { type WorkerHeartbeat, WorkerHeartbeatSchema } from './worker-heartbeat.js';
export {
  MAX_PATH_BYTES,
  MAX_PATH_DEPTH,
  RESERVED_PREFIX,
  WorkspacePathSchema,
  workspacePathFault,
} from './workspace-path.js';
