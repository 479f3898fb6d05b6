import { RuntimeSchema } from '@fumehood/schema';
import { z } from 'zod';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { NoQuerySchema } from './job-parameters.js';

const RuntimesSchema = z.strictObject({
  runtimes: z.array(RuntimeSchema).describe('Runtimes whose image is there'),
  missing: z
    .array(z.strictObject({ name: z.string(), reason: z.string() }))
    .describe('Runtimes that are defined, and whose image was not built or pulled'),
});

export function listRuntimesRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/runtimes',
    {
      schema: {
        tags: ['fleet'],
        operationId: 'listRuntimes',
        summary: 'List what jobs can run in',
        querystring: NoQuerySchema,
        response: { 200: RuntimesSchema.describe('The runtimes'), ...problems() },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async () => {
      const { current } = deps.runtimes;
      return {
        runtimes: [...current.values()],
        missing: current.missing.map(({ name }) => ({
          name,
          reason: `No image was built; build it with: fumehood image build ${name}`,
        })),
      };
    },
  );
}
