import { type Job, JobSchema } from '@fumehood/schema';
import { type ApiCaller, retryDelayMs } from './call-api.js';
import type { CallOptions, Client } from './client.js';
import { FumehoodError } from './fumehood-error.js';
import { jobPath } from './job-path.js';
import { parseAnswer } from './parse-answer.js';
import { pause } from './pause.js';

type GetJob = (jobId: string, options: CallOptions) => Promise<Job>;

/**
 * DELETE cancels a job that lives and purges one that has ended. Sent again blindly, it would purge the job that it had just canceled;
 * so each try asks for the job's state first.
 */
export function jobEnding(api: ApiCaller, get: GetJob, maxRetries: number): Pick<Client, 'cancel' | 'purge'> {
  async function remove(jobId: string, signal: AbortSignal | undefined): Promise<Job> {
    const answer = await api.json({ method: 'DELETE', path: jobPath(jobId), signal, isIdempotent: false });
    if (answer !== undefined) return parseAnswer(JobSchema, answer, 'job');
    throw new FumehoodError(
      'no_result',
      `${jobId} ended just when it was to be canceled, and was purged instead.`,
    );
  }

  return {
    async cancel(jobId, { signal } = {}) {
      for (let attempt = 0; ; attempt++) {
        const job = await get(jobId, { signal });
        if (job.state === 'ended') return job;
        try {
          return await remove(jobId, signal);
        } catch (error) {
          const waitMs = attempt < maxRetries ? retryDelayMs(error, attempt) : undefined;
          if (waitMs === undefined) throw error;
          await pause(waitMs, signal);
        }
      }
    },

    async purge(jobId, { signal } = {}) {
      const job = await get(jobId, { signal });
      if (job.state !== 'ended') {
        throw new FumehoodError('not_ended', `${jobId} is ${job.state}; cancel it first.`);
      }
      try {
        // A job that has ended stays so: this can only purge it, and twice is once.
        await api.json({ method: 'DELETE', path: jobPath(jobId), signal, isIdempotent: true });
      } catch (error) {
        if (!(error instanceof FumehoodError) || error.status !== 404) throw error;
      }
    },
  };
}
