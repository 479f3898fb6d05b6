import { z } from 'zod';
import { HANDLER_TIMEOUT_MS, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';

/** For Prometheus. Whether a key is needed is decided by the scope that it is registered in. */
export function metricsRoute(server: ApiServer, { deps: { metrics, options } }: RouteContext): void {
  server.get(
    '/metrics',
    {
      schema: {
        tags: ['operations'],
        operationId: 'metrics',
        summary: 'Metrics for Prometheus (scope fleet, unless FUMEHOOD_METRICS_PUBLIC is set)',
        ...(options.metricsPublic ? { security: [] } : {}),
        response: {
          200: { description: 'Metrics, as text', content: { 'text/plain': { schema: z.string() } } },
        },
      },
      config: { shedsLoad: false },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async (_request, reply) => {
      const { registry } = metrics;
      return await reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}
