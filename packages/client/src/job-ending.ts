import { JobSchema } from '@fumehood/schema';
import type { ApiCaller } from './call-api.js';
import type { Client } from './client.js';
import { FumehoodError } from './fumehood-error.js';
import { jobPath } from './job-path.js';
import { parseAnswer } from './parse-answer.js';

/**
 * A bare DELETE cancels a job that lives and purges one that has ended, and a job can end at any moment: sent again, it would purge the
 * job that it had just canceled. `only` says which of the two is meant, and doing that twice is once.
 */
export function jobEnding(api: ApiCaller): Pick<Client, 'cancel' | 'purge'> {
  const remove = (jobId: string, only: 'cancel' | 'purge', signal: AbortSignal | undefined) =>
    api.json({ method: 'DELETE', path: `${jobPath(jobId)}?only=${only}`, signal, isIdempotent: true });

  return {
    cancel: async (jobId, { signal } = {}) =>
      parseAnswer(JobSchema, await remove(jobId, 'cancel', signal), 'job'),

    async purge(jobId, { signal } = {}) {
      try {
        await remove(jobId, 'purge', signal);
      } catch (error) {
        // Gone already, perhaps by a first try whose answer got lost.
        if (!(error instanceof FumehoodError) || error.status !== 404) throw error;
      }
    },
  };
}
