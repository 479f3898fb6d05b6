import { JobIdSchema } from '@fumehood/schema';
import type { Metrics } from '@fumehood/telemetry';
import type { FastifyRequest } from 'fastify';
import type { ApiServer } from './server-deps.js';

/** One line and one measurement for each request: which route, whose, how it went. No URL, header or body, which may hold secrets. */
export function observeRequests(server: ApiServer, { http }: Pick<Metrics, 'http'>): void {
  server.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const { method, routeOptions, caller, log } = request;
    const route = routeOptions.url;
    http.requested({ route, method, status: statusCode, durationMs: elapsedTime });
    const durationMs = Math.round(elapsedTime * 10) / 10;
    log.info(
      {
        method,
        route: route ?? null,
        status: statusCode,
        durationMs,
        tenant: caller?.tenant ?? null,
        keyId: caller?.keyId ?? null,
        ...jobIdOf(request),
      },
      'request',
    );
  });
}

function jobIdOf({ params }: FastifyRequest): { readonly jobId?: string } {
  if (typeof params !== 'object' || params === null || !('id' in params)) return {};
  const id = JobIdSchema.safeParse(params.id);
  return id.success ? { jobId: id.data } : {};
}
