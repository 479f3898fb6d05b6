import { QueueError } from '@fumehood/queue';
import { JobStateSchema, JobSummarySchema, RuntimeNameSchema } from '@fumehood/schema';
import { z } from 'zod';
import { ApiError } from '../api-error.js';
import { callerOf } from '../authenticate.js';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { countInQuery } from './job-parameters.js';

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

const ListQuerySchema = z.strictObject({
  cursor: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\w.:=-]+$/, 'expected a nextCursor of an earlier answer')
    .optional()
    .describe('Where to go on: `nextCursor` of the page before'),
  limit: countInQuery(1, MAX_PAGE)
    .optional()
    .describe(`Jobs on a page: 1 to ${MAX_PAGE}, ${DEFAULT_PAGE} when absent`),
  state: JobStateSchema.optional().describe('Only jobs in this state'),
  runtime: RuntimeNameSchema.optional().describe('Only jobs of this runtime, by its own name'),
  label: z
    .string()
    .max(512)
    .regex(/^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?(?::.*)?$/s, 'expected a label as name or name:value')
    .optional()
    .describe('Only jobs with this label, as name or name:value'),
});

const JobPageSchema = z.strictObject({
  jobs: z.array(JobSummarySchema).describe('Newest first'),
  nextCursor: z
    .string()
    .nullable()
    .describe('Give it back as `cursor` for the next page; null on the last one'),
});

/** Only the queue knows the cursors that it has given out. */
function refuseCursor(error: unknown): never {
  if (!(error instanceof QueueError) || error.code !== 'cursor_invalid') throw error;
  const errors = [{ path: '/cursor', message: 'expected a nextCursor of an earlier answer' }];
  throw new ApiError('invalid_request', 'The cursor is not one that was given out.', {
    errors,
    cause: error,
  });
}

export function listJobsRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/jobs',
    {
      schema: {
        tags: ['jobs'],
        operationId: 'listJobs',
        summary: "List the tenant's jobs, newest first",
        querystring: ListQuerySchema,
        response: { 200: JobPageSchema.describe('A page of jobs'), ...problems('unavailable') },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async (request) => {
      const { cursor, limit = DEFAULT_PAGE, state, runtime, label } = request.query;
      const page = await deps.queue
        .list(callerOf(request).tenant, { cursor, limit, state, runtime, label: label?.replace(':', '=') })
        .catch(refuseCursor);
      return { jobs: [...page.jobs], nextCursor: page.nextCursor };
    },
  );
}
