import { WorkerHeartbeatSchema } from '@fumehood/schema';
import { z } from 'zod';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { NoQuerySchema } from './job-parameters.js';

const WorkersSchema = z.strictObject({
  workers: z
    .array(WorkerHeartbeatSchema)
    .describe('Workers that said something of themselves within the last seconds'),
});

export function listWorkersRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/workers',
    {
      schema: {
        tags: ['fleet'],
        operationId: 'listWorkers',
        summary: 'List the living workers (scope fleet)',
        querystring: NoQuerySchema,
        response: { 200: WorkersSchema.describe('The workers'), ...problems('forbidden', 'unavailable') },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async () => ({ workers: [...(await deps.queue.workers())] }),
  );
}
