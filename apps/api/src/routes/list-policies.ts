import { PolicySchema } from '@fumehood/policy';
import { DigestSchema } from '@fumehood/schema';
import { z } from 'zod';
import { callerOf } from '../authenticate.js';
import { HANDLER_TIMEOUT_MS, problems, type RouteContext } from '../route-context.js';
import type { ApiServer } from '../server-deps.js';
import { NoQuerySchema } from './job-parameters.js';

const PoliciesSchema = z.strictObject({
  policies: z
    .array(
      z.strictObject({
        policy: PolicySchema,
        digest: DigestSchema,
        isDefault: z.boolean().describe("Whether it serves the tenant's requests that name no policy"),
      }),
    )
    .describe("The tenant's policies; every policy for a key with the scope fleet"),
});

export function listPoliciesRoute(server: ApiServer, { deps }: RouteContext): void {
  server.get(
    '/v1/policies',
    {
      schema: {
        tags: ['fleet'],
        operationId: 'listPolicies',
        summary: 'List what jobs may ask for',
        querystring: NoQuerySchema,
        response: { 200: PoliciesSchema.describe('The policies'), ...problems() },
      },
      handlerTimeout: HANDLER_TIMEOUT_MS.plain,
    },
    async (request) => {
      const { scopes, settings } = callerOf(request);
      const { policies } = deps.config.current;
      const names = scopes.includes('fleet') ? [...policies.keys()].sort() : settings.policies;
      return {
        policies: names.flatMap((name) => {
          const loaded = policies.get(name);
          return loaded === undefined ? [] : [{ ...loaded, isDefault: name === settings.policies[0] }];
        }),
      };
    },
  );
}
