import { JobRequestSchema, JobSchema } from '@fumehood/schema';
import type { SubmissionResult } from '@fumehood/telemetry';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { acceptJob } from '../accept-job.js';
import { callerOf } from '../authenticate.js';
import { BODY_PROBLEMS, HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { jobAfterWaiting } from './job-after-waiting.js';
import { WaitQuerySchema } from './job-parameters.js';

const SubmitHeadersSchema = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/, 'expected 1 to 128 printable ASCII characters')
    .optional()
    .describe(
      'The same key with the same request gives the same job, for as long as that is kept; with another request it is a conflict',
    ),
});

const REPLAYED = 'idempotency-replayed';

export function submitJobRoute(server: ApiServer, context: RouteContext): void {
  const { deps, held, bodies } = context;
  server.post(
    '/v1/jobs',
    {
      schema: {
        tags: ['jobs'],
        operationId: 'submitJob',
        summary: 'Submit a job',
        description:
          'Answers 202 once the job is recorded and queued: it is not lost then. With `wait` the answer is held back until the job has ended, and is 200 with ' +
          'the result in it; when the job has not ended in time the answer is 202, and the job goes on. The answer to a repeated Idempotency-Key has the header ' +
          '`Idempotency-Replayed: true`.',
        querystring: WaitQuerySchema,
        headers: SubmitHeadersSchema,
        body: JobRequestSchema,
        response: {
          200: JobSchema.describe('The job has ended; its result is in it'),
          202: JobSchema.describe('The job waits or runs'),
          ...problems(
            'policy_denied',
            'idempotency_conflict',
            'tenant_full',
            'too_many_streams',
            'unavailable',
            ...BODY_PROBLEMS,
          ),
        },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.waiting,
      onRequest: async (request, reply) => bodies.reserve(request, reply),
      onResponse: async (_request, reply) => deps.metrics.queue.submitted(submissionResult(reply)),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { wait } = request.query;
      // Before the job is made: a client that may not wait is told so while nothing has happened yet.
      using place = wait === undefined ? undefined : held.enter(caller.tenant, reply);
      const accepted = await acceptJob(
        {
          request: request.body,
          caller,
          idempotencyKey: request.headers['idempotency-key'],
          requestId: request.id,
        },
        context,
      );
      // Nothing below needs the body, and waiting may take minutes.
      Object.assign(request, { body: undefined });
      bodies.release(request);

      const { job, created } = accepted;
      const answer =
        place === undefined || wait === undefined ? job : await jobAfterWaiting(job, wait, place, deps);
      reply.header('location', `/v1/jobs/${job.id}`);
      if (!created) reply.header(REPLAYED, 'true');
      return await reply.code(answer.state === 'ended' ? 200 : 202).send(answer);
    },
  );
}

function submissionResult(reply: FastifyReply): SubmissionResult {
  switch (reply.statusCode) {
    case 200:
    case 202:
      return reply.hasHeader(REPLAYED) ? 'repeated' : 'created';
    case 409:
      return 'conflict';
    case 422:
      return 'denied';
    case 429:
      return 'tenant_full';
    default:
      return reply.statusCode < 500 ? 'invalid' : 'failed';
  }
}
