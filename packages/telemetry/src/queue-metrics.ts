import { counter, gauge } from './instruments.js';
import type { MetricSetup } from './metric-setup.js';
import { scrapeSource } from './scrape-source.js';

/** Counts of jobs, as the queue gives them. */
export interface QueueDepth {
  readonly queued: number;
  readonly assigned: number;
  readonly running: number;
  readonly deadLettered: number;
  readonly byTenant: Readonly<Record<string, number>>;
}

/** created: a job was made; repeated: the idempotency key had made it before; the others made none. */
export const SUBMISSION_RESULTS = [
  'created',
  'repeated',
  'invalid',
  'denied',
  'tenant_full',
  'conflict',
  'failed',
] as const;
export type SubmissionResult = (typeof SUBMISSION_RESULTS)[number];

export interface QueueMetrics {
  /** Sets what is asked for the depth of the queue at each scrape. */
  depthFrom(read: (signal: AbortSignal) => Promise<QueueDepth>): void;
  submitted(result: SubmissionResult): void;
}

export function queueMetrics({ registry, tenantLabel, scrapeFailed }: MetricSetup): QueueMetrics {
  const depth = scrapeSource<QueueDepth>(() => scrapeFailed('queue_depth'));
  const submissions = counter(registry, 'fumehood_submissions_total');
  gauge(registry, 'fumehood_queue_jobs', async (jobs) => {
    const current = await depth.current();
    jobs.reset();
    if (current === undefined) return;
    jobs.set({ state: 'queued' }, current.queued);
    jobs.set({ state: 'assigned' }, current.assigned);
    jobs.set({ state: 'running' }, current.running);
    jobs.set({ state: 'dead_lettered' }, current.deadLettered);
  });
  gauge(registry, 'fumehood_queue_tenant_jobs', async (jobs) => {
    const current = await depth.current();
    jobs.reset();
    for (const [tenant, count] of Object.entries(current?.byTenant ?? {}))
      jobs.inc({ tenant: tenantLabel(tenant) }, count);
  });
  return {
    depthFrom: depth.readFrom,
    submitted: (result) => submissions.inc({ result }),
  };
}
