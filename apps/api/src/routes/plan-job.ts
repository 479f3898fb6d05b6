import { explain } from '@fumehood/policy';
import { DenialSchema, JobRequestSchema, PlanSchema } from '@fumehood/schema';
import { z } from 'zod';
import { callerOf } from '../authenticate.js';
import { resolveRequest } from '../resolve-request.js';
import { BODY_PROBLEMS, HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { NoQuerySchema } from './job-parameters.js';

const ExplanationSchema = z.string().describe('The same as text for people');

const PlanAnswerSchema = z
  .union([
    z.strictObject({ plan: PlanSchema, explanation: ExplanationSchema }),
    z.strictObject({
      denials: z.array(DenialSchema).describe('Every reason against it'),
      explanation: ExplanationSchema,
    }),
  ])
  .describe('What would run, or why it would not');

export function planJobRoute(server: ApiServer, { deps, capabilities, bodies }: RouteContext): void {
  server.post(
    '/v1/plan',
    {
      schema: {
        tags: ['jobs'],
        operationId: 'planJob',
        summary: 'Say what would run, or why not, without running anything',
        querystring: NoQuerySchema,
        body: JobRequestSchema,
        response: { 200: PlanAnswerSchema, ...problems('unavailable', ...BODY_PROBLEMS) },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
      onRequest: async (request, reply) => bodies.reserve(request, reply),
    },
    async (request) => {
      const resolution = resolveRequest(request.body, callerOf(request), {
        config: deps.config.current,
        runtimes: deps.runtimes.current,
        capabilities: await capabilities(),
      });
      return 'plan' in resolution
        ? { plan: resolution.plan, explanation: explain(resolution.plan) }
        : { denials: [...resolution.denials], explanation: explain(resolution.denials) };
    },
  );
}
