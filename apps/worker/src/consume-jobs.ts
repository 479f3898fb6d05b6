import type { Admission, JobQueue } from '@fumehood/queue';
import type { Logger, Metrics } from '@fumehood/telemetry';
import type { Presence } from './presence.js';
import { type JobDeps, runJob } from './run-job.js';
import { measureResult } from './worker-metrics.js';

export interface ConsumeJobsOptions {
  readonly queue: Pick<JobQueue, 'consume'>;
  readonly workerId: string;
  readonly admission: Admission;
  readonly presence: Presence;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Aborted to drain: nothing new is taken. */
  readonly taking: AbortSignal;
  /** Aborted when draining took too long. */
  readonly hurry: AbortSignal;
  readonly job: Omit<JobDeps, 'onEnded' | 'onFailure'>;
}

/** Takes jobs from the queue and runs them, with a log line and metrics for each ending. Resolves when drained. */
export async function consumeJobs(options: ConsumeJobsOptions): Promise<void> {
  const { queue, workerId, metrics, logger, job } = options;
  await queue.consume(
    {
      workerId,
      admission: options.admission,
      signal: options.taking,
      shutdownSignal: options.hurry,
      async onRejected({ reason, jobId, denied }) {
        metrics.jobs.refused(reason);
        logger.error(
          { reason, jobId, denied },
          'a queue entry was not what the API submitted; it was not run',
        );
        const data = { reason, denied, workerId };
        await job.audit.append({ type: 'job.rejected', tenant: null, jobId: jobId.slice(0, 64), data });
      },
    },
    async (delivery) => {
      using _running = options.presence.job(delivery.job.id);
      await runJob(delivery, {
        ...job,
        onEnded(result, recordMs) {
          measureResult(metrics, result, recordMs);
          const { jobId, tenant, runtime, attempt, outcome, evidence } = result;
          const about = {
            jobId,
            tenant,
            runtime,
            attempt,
            outcome: outcome.type,
            sandboxId: evidence?.sandboxId,
          };
          logger.info(about, 'job ended');
        },
        onFailure({ error, consequence }) {
          metrics.jobs.attemptFailed(consequence);
          const about = { jobId: delivery.job.id, attempt: delivery.attempt, consequence };
          logger.error({ ...about, err: error }, 'an attempt failed');
        },
      });
    },
  );
}
