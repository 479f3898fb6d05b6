import { collectDefaultMetrics, Registry } from 'prom-client';
import { boundedLabel } from './bounded-label.js';
import { type HttpMetrics, httpMetrics } from './http-metrics.js';
import { counter } from './instruments.js';
import { type JobMetrics, jobMetrics } from './job-metrics.js';
import type { MetricSetup } from './metric-setup.js';
import { type QueueMetrics, queueMetrics } from './queue-metrics.js';
import { type WorkerMetrics, workerMetrics } from './worker-metrics.js';

export interface MetricsOptions {
  /** Labels of every metric, such as `{ worker: 'worker-1' }`. */
  readonly defaultLabels?: Readonly<Record<string, string>>;
  /** Distinct tenants that get a label value of their own; more are `other`. */
  readonly maxTenants?: number;
  /** Distinct runtimes that get a label value of their own; more are `other`. */
  readonly maxRuntimes?: number;
  /** Whether to collect `process_*` and `nodejs_*` as well (memory, CPU, file descriptors, event-loop lag, garbage collection). */
  readonly processMetrics?: boolean;
}

export interface AuditMetrics {
  /** Counts one append, by what became of it. */
  appended(type: string, result: 'stored' | 'failed'): void;
}

/** The metrics of one process, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  readonly queue: QueueMetrics;
  readonly jobs: JobMetrics;
  readonly worker: WorkerMetrics;
  readonly http: HttpMetrics;
  readonly audit: AuditMetrics;
}

/** Makes every metric of ours; docs/reference/metrics.md lists them. A process uses the groups that concern it. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { defaultLabels = {}, maxTenants = 100, maxRuntimes = 50, processMetrics = true } = options;
  const registry = new Registry();
  registry.setDefaultLabels({ ...defaultLabels });
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const failures = counter(registry, 'fumehood_scrape_failures_total');
  const shared: MetricSetup = {
    registry,
    tenantLabel: boundedLabel(maxTenants),
    runtimeLabel: boundedLabel(maxRuntimes),
    scrapeFailed: (source) => failures.inc({ source }),
  };
  const appends = counter(registry, 'fumehood_audit_appends_total');
  return {
    registry,
    queue: queueMetrics(shared),
    jobs: jobMetrics(shared),
    worker: workerMetrics(shared),
    http: httpMetrics(shared),
    audit: { appended: (type, result) => appends.inc({ type, result }) },
  };
}
