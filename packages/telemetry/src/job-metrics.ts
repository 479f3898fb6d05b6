import { counter, histogram } from './instruments.js';
import type { MetricSetup } from './metric-setup.js';

/** The phases of a job on its way, in order. */
export const JOB_PHASES = ['queue', 'acquire', 'files', 'run', 'collect', 'record', 'dispose'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

export interface JobMetrics {
  /** Counts one ending. `limit` is the limit that ended the job, or null. */
  ended(job: {
    readonly outcome: string;
    readonly limit: string | null;
    readonly runtime: string;
    readonly tenant: string;
  }): void;
  /** One phase of one job; the phase `queue` is the queue's wait as well. Null is no phase: it was not reached. */
  phase(phase: JobPhase, runtime: string, durationMs: number | null): void;
  /** Counts a job that reached a limit; the limits of the sandbox make calls fail and do not end the job. */
  limitHit(limit: string, runtime: string): void;
  pidsRefused(runtime: string, times: number): void;
  /** Counts an attempt that failed on our side. */
  attemptFailed(consequence: 'retried' | 'lost' | 'dropped'): void;
  /** Counts a job that was taken from the queue and not run; `reason` is one of a closed set. */
  refused(reason: string): void;
}

export function jobMetrics({ registry, tenantLabel, runtimeLabel }: MetricSetup): JobMetrics {
  const wait = histogram(registry, 'fumehood_queue_wait_seconds');
  const ended = counter(registry, 'fumehood_jobs_ended_total');
  const attempts = counter(registry, 'fumehood_jobs_failed_attempts_total');
  const refused = counter(registry, 'fumehood_jobs_refused_total');
  const phases = histogram(registry, 'fumehood_job_phase_seconds');
  const limits = counter(registry, 'fumehood_job_limits_hit_total');
  const refusals = counter(registry, 'fumehood_job_pids_refusals_total');
  return {
    ended: ({ outcome, limit, runtime, tenant }) =>
      ended.inc({
        outcome,
        limit: limit ?? 'none',
        runtime: runtimeLabel(runtime),
        tenant: tenantLabel(tenant),
      }),
    phase(phase, runtime, durationMs) {
      if (durationMs === null) return;
      const label = runtimeLabel(runtime);
      phases.observe({ phase, runtime: label }, durationMs / 1_000);
      if (phase === 'queue') wait.observe({ runtime: label }, durationMs / 1_000);
    },
    limitHit: (limit, runtime) => limits.inc({ limit, runtime: runtimeLabel(runtime) }),
    pidsRefused: (runtime, times) => refusals.inc({ runtime: runtimeLabel(runtime) }, times),
    attemptFailed: (consequence) => attempts.inc({ consequence }),
    refused: (reason) => refused.inc({ reason }),
  };
}
