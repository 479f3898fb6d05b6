import { SandboxError } from '@fumehood/sandbox';
import type { Result } from '@fumehood/schema';
import type { Metrics } from '@fumehood/telemetry';
import type { DriverMeter } from './metered-driver.js';

/** The driver's doings as metrics. */
export const driverMeter = ({ jobs, worker }: Pick<Metrics, 'jobs' | 'worker'>): DriverMeter => ({
  acquiring: () => worker.sandboxMoved(null, 'acquiring'),
  acquired: () => worker.sandboxMoved('acquiring', 'running'),
  acquireFailed(error) {
    worker.sandboxMoved('acquiring', null);
    if (error instanceof SandboxError) worker.sandboxFailed(error.code);
  },
  runFailed(error) {
    if (error instanceof SandboxError) worker.sandboxFailed(error.code);
  },
  disposing: () => worker.sandboxMoved('running', 'disposing'),
  disposed(runtime, disposeMs) {
    worker.sandboxMoved('disposing', null);
    jobs.phase('dispose', runtime, disposeMs);
  },
  reaped: (count) => worker.leftoversReaped(count),
});

/** One accepted result as metrics. */
export function measureResult({ jobs }: Pick<Metrics, 'jobs'>, result: Result, recordMs: number): void {
  const { outcome, runtime, tenant, timings, evidence } = result;
  const limit = outcome.type === 'limit_exceeded' ? outcome.limit : null;
  jobs.ended({ outcome: outcome.type, limit, runtime, tenant });
  for (const phase of ['queue', 'acquire', 'files', 'run', 'collect'] as const) {
    jobs.phase(phase, runtime, timings.phasesMs[phase]);
  }
  jobs.phase('record', runtime, recordMs);
  if (limit !== null) jobs.limitHit(limit, runtime);
  const refusals = evidence?.usage.pidsRefusals ?? 0;
  if (refusals > 0) {
    jobs.limitHit('pids', runtime);
    jobs.pidsRefused(runtime, refusals);
  }
}
