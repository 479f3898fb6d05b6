import { type Job, JobSchema } from '@fumehood/schema';
import { z } from 'zod';
import { ApiError } from '../api-error.js';
import { type Caller, callerOf } from '../authenticate.js';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer, ServerDeps } from '../server-deps.js';
import { noSuchJob } from './get-job.js';
import { JobParamsSchema } from './job-parameters.js';

const DeleteQuerySchema = z.strictObject({
  only: z
    .enum(['cancel', 'purge'])
    .optional()
    .describe(
      'Do only this: `cancel` leaves a job that has ended as it is, `purge` refuses one that has not',
    ),
});

export function cancelJobRoute(server: ApiServer, { deps }: RouteContext): void {
  server.delete(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        operationId: 'deleteJob',
        summary: 'Cancel a job that waits or runs; purge one that has ended',
        description:
          'A job that waits or runs is canceled: 202, with the job; it ends soon, with the outcome `canceled` unless it ends by itself first. A job that has ' +
          'ended is purged with its result, output and artifacts: 204. A job can end at any moment: say `only=cancel` where its result must not be lost.',
        params: JobParamsSchema,
        querystring: DeleteQuerySchema,
        response: {
          202: JobSchema.describe('The job, which is being canceled or has ended'),
          204: z.undefined().describe('The job is purged'),
          ...problems('job_not_found', 'job_not_ended', 'unavailable'),
        },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { only } = request.query;
      const job = await deps.queue.get(caller.tenant, request.params.id);
      if (job === undefined) throw noSuchJob();
      if (job.state === 'ended' ? only === 'cancel' : only !== 'purge') {
        return await reply.code(202).send(await canceled(job, caller, deps));
      }
      await purge(job, caller, deps);
      return await reply.code(204).send();
    },
  );
}

async function canceled(job: Job, { tenant, keyId }: Caller, { queue, audit }: ServerDeps): Promise<Job> {
  if (job.state === 'ended') return job;
  const data = { keyId, state: job.state };
  await audit.append({ type: 'job.cancel_requested', tenant, jobId: job.id, data });
  if ((await queue.cancel(tenant, job.id)) === 'unknown') throw noSuchJob();
  return (await queue.get(tenant, job.id)) ?? job;
}

async function purge(job: Job, { tenant, keyId }: Caller, { queue, audit }: ServerDeps): Promise<void> {
  if (job.state !== 'ended') throw new ApiError('job_not_ended', `The job is ${job.state}; cancel it first.`);
  await audit.append({ type: 'job.purged', tenant, jobId: job.id, data: { keyId } });
  if ((await queue.purge(tenant, job.id)) === 'unknown') throw noSuchJob();
}
