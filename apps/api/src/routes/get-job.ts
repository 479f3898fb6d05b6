import { JobSchema } from '@fumehood/schema';
import { ApiError } from '../api-error.js';
import { callerOf } from '../authenticate.js';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { jobAfterWaiting } from './job-after-waiting.js';
import { JobParamsSchema, WaitQuerySchema } from './job-parameters.js';

export function getJobRoute(server: ApiServer, context: RouteContext): void {
  server.get(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        operationId: 'getJob',
        summary: 'Get a job, with its result once it has ended',
        params: JobParamsSchema,
        querystring: WaitQuerySchema,
        response: {
          200: JobSchema.describe('The job'),
          ...problems('job_not_found', 'too_many_streams', 'unavailable'),
        },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.waiting,
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { id } = request.params;
      const { wait } = request.query;
      using held = wait === undefined ? undefined : context.held.enter(tenant, reply);
      const job = await context.deps.queue.get(tenant, id);
      if (job === undefined) throw noSuchJob();
      return held === undefined || wait === undefined
        ? job
        : await jobAfterWaiting(job, wait, held, context.deps);
    },
  );
}

/** The same words for an id that never was, one whose job is gone, and one of another tenant's. */
export const noSuchJob = () => new ApiError('job_not_found', 'There is no job with this id.');
