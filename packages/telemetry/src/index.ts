export type { Logger } from 'pino';
export type { Registry } from 'prom-client';
export { boundedLabel } from './bounded-label.js';
export { createLogger, LOG_LEVELS, type LoggerOptions, type LogLevel } from './create-logger.js';
export { type AuditMetrics, createMetrics, type Metrics, type MetricsOptions } from './create-metrics.js';
export type { HttpMetrics } from './http-metrics.js';
export { JOB_PHASES, type JobMetrics, type JobPhase } from './job-metrics.js';
export {
  type QueueDepth,
  type QueueMetrics,
  SUBMISSION_RESULTS,
  type SubmissionResult,
} from './queue-metrics.js';
export { type SerializedError, serializeError } from './serialize-error.js';
export { type OpsOptions, type OpsServer, type ReadyCheck, serveOps } from './serve-ops.js';
export { TELEMETRY_ERRORS, TelemetryError, type TelemetryErrorCode } from './telemetry-error.js';
export { type Resources, SANDBOX_STATES, type SandboxState, type WorkerMetrics } from './worker-metrics.js';
