export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What it is, with its unit. */
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

const SHORT_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;
const LONG_SECONDS = [...SHORT_SECONDS, 300, 1_800, 3_600] as const;

/** Every metric of ours. docs/reference/metrics.md is rendered from this table. */
export const METRICS = {
  fumehood_queue_jobs: {
    type: 'gauge',
    help: 'Jobs in the queue by state, as a count; read from Redis at each scrape',
    labels: ['state'],
  },
  fumehood_queue_tenant_jobs: {
    type: 'gauge',
    help: 'Jobs of each tenant that wait or run, as a count; read from Redis at each scrape',
    labels: ['tenant'],
  },
  fumehood_queue_wait_seconds: {
    type: 'histogram',
    help: 'Time from submission until a worker took the job, in seconds',
    labels: ['runtime'],
    buckets: LONG_SECONDS,
  },
  fumehood_submissions_total: {
    type: 'counter',
    help: 'Submissions by what became of them, as a count',
    labels: ['result'],
  },
  fumehood_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs ended, as a count; limit is the one that ended the job, or none',
    labels: ['outcome', 'limit', 'runtime', 'tenant'],
  },
  fumehood_jobs_failed_attempts_total: {
    type: 'counter',
    help: 'Attempts that failed on our side, by what became of the job, as a count',
    labels: ['consequence'],
  },
  fumehood_jobs_refused_total: {
    type: 'counter',
    help: 'Jobs that a worker took from the queue and refused to run, by reason, as a count; they are dead-lettered',
    labels: ['reason'],
  },
  fumehood_job_phase_seconds: {
    type: 'histogram',
    help: 'Duration of each phase of a job, in seconds',
    labels: ['phase', 'runtime'],
    buckets: LONG_SECONDS,
  },
  fumehood_job_limits_hit_total: {
    type: 'counter',
    help: 'Jobs that reached a limit, whether it ended them or not, as a count',
    labels: ['limit', 'runtime'],
  },
  fumehood_job_pids_refusals_total: {
    type: 'counter',
    help: 'Times that fork or clone was refused at the pids limit, as a count',
    labels: ['runtime'],
  },
  fumehood_sandboxes: {
    type: 'gauge',
    help: 'Sandboxes of this worker by state, as a count',
    labels: ['state'],
  },
  fumehood_sandbox_errors_total: {
    type: 'counter',
    help: 'Failures of the sandbox driver by code, as a count',
    labels: ['code'],
  },
  fumehood_sandbox_leftovers_reaped_total: {
    type: 'counter',
    help: 'Sandboxes of dead workers that this worker destroyed, as a count',
    labels: [],
  },
  fumehood_worker_cpus: {
    type: 'gauge',
    help: 'CPUs of this worker that are promised to jobs (committed) and that may be (capacity), as a count',
    labels: ['kind'],
  },
  fumehood_worker_memory_bytes: {
    type: 'gauge',
    help: 'Memory of this worker that is promised to jobs (committed) and that may be (capacity), in bytes',
    labels: ['kind'],
  },
  fumehood_http_request_seconds: {
    type: 'histogram',
    help: 'Time from the request until the response was sent, in seconds; open event streams count until they end',
    labels: ['route', 'method', 'status'],
    buckets: SHORT_SECONDS,
  },
  fumehood_audit_appends_total: {
    type: 'counter',
    help: 'Audit events by type and by whether they were stored, as a count',
    labels: ['type', 'result'],
  },
  fumehood_scrape_failures_total: {
    type: 'counter',
    help: 'Times that the source of a metric did not answer a scrape, as a count; its metrics are then absent',
    labels: ['source'],
  },
} as const satisfies Record<`fumehood_${string}`, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
export type MetricLabel<N extends MetricName> = (typeof METRICS)[N]['labels'][number];
