import { z } from 'zod';
import { readiness } from '../readiness.js';
import type { RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';

const CheckSchema = z.strictObject({
  check: z.string(),
  ok: z.boolean(),
  severity: z.enum(['error', 'warning']).describe('A warning does not make the server unready'),
  detail: z.string(),
  fix: z.string().nullable(),
});
const ReadinessSchema = z.strictObject({ ready: z.boolean(), checks: z.array(CheckSchema) });

/** For supervisors and load balancers: no key is needed, and nothing secret is told. */
export function healthRoutes(server: ApiServer, { deps, held }: RouteContext): void {
  server.get(
    '/healthz',
    {
      schema: {
        tags: ['operations'],
        operationId: 'healthz',
        summary: 'Whether the process is alive',
        security: [],
        response: { 200: z.strictObject({ alive: z.literal(true) }).describe('It is') },
      },
      config: { shedsLoad: false },
    },
    async () => ({ alive: true as const }),
  );
  server.get(
    '/readyz',
    {
      schema: {
        tags: ['operations'],
        operationId: 'readyz',
        summary: 'Whether the server can take jobs',
        security: [],
        response: {
          200: ReadinessSchema.describe('It can'),
          503: ReadinessSchema.describe('It can not; `checks` says why'),
        },
      },
      config: { shedsLoad: false },
    },
    async (_request, reply) => {
      const checks = await readiness(deps, held.isDraining());
      const ready = checks.every(({ ok, severity }) => ok || severity === 'warning');
      return await reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
}
