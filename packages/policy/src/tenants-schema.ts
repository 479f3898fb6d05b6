import { PolicyNameSchema, TenantNameSchema } from '@fumehood/schema';
import { z } from 'zod';
import { distinct, documentPart } from './document-part.js';

/** jobs: the tenant's own jobs. fleet: the workers, every policy, metrics and the audit trail as well. */
export const SCOPES = ['jobs', 'fleet'] as const;
export type Scope = (typeof SCOPES)[number];

const ApiKeySchema = documentPart({
  id: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
      'expected a key id: 1 to 64 lower-case letters, digits and inner . _ -',
    )
    .describe('What logs and the audit trail call the key; once in the file'),
  sha256: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/,
      "expected the key's SHA-256 as 64 lower-case hexadecimal digits; the key itself is never stored",
    )
    .describe('SHA-256 of the key, in hexadecimal'),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .refine(distinct, { error: 'a scope occurs twice' })
    .refine((scopes) => scopes.includes('jobs'), { error: 'every key has the scope jobs' })
    .default(['jobs'])
    .describe("jobs: the tenant's own jobs. fleet: workers, all policies, metrics and audit as well"),
});

const TenantSchema = documentPart({
  policies: z
    .array(PolicyNameSchema)
    .min(1)
    .max(100)
    .refine(distinct, { error: 'a policy occurs twice' })
    .describe('Policies that the tenant may use. The first serves requests that name none'),
  weight: z
    .number()
    .min(0.1)
    .max(100)
    .default(1)
    .describe(
      'Share of the fleet while tenants compete: a tenant of weight 2 starts two jobs for each one of weight 1',
    ),
  maxQueued: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Jobs that may wait in the queue at once; more are answered with 429'),
  keys: z.array(ApiKeySchema).max(1000).default([]).describe('API keys. None: the tenant is locked out'),
});
export type Tenant = z.infer<typeof TenantSchema>;

/** tenants.yaml: who may use the fleet. */
export const TenantsSchema = documentPart({
  apiVersion: z.literal('fumehood/v1').describe('The version of this format'),
  tenants: z.record(TenantNameSchema, TenantSchema).describe('The tenants, by name'),
})
  .superRefine(({ tenants }, context) => {
    const seen = { id: new Map<string, string>(), sha256: new Map<string, string>() };
    for (const [name, tenant] of Object.entries(tenants)) {
      for (const [index, key] of tenant.keys.entries()) {
        for (const field of ['id', 'sha256'] as const) {
          const owner = seen[field].get(key[field]);
          seen[field].set(key[field], owner ?? name);
          if (owner === undefined) continue;
          const message = `tenant ${owner} already has a key with this ${field}; each may occur once in the file`;
          context.addIssue({ code: 'custom', path: ['tenants', name, 'keys', index, field], message });
        }
      }
    }
    if (seen.id.size === 0) {
      const message = 'no tenant has a key, so nobody could use the fleet; add one';
      context.addIssue({ code: 'custom', path: ['tenants'], message });
    }
  })
  .describe('The tenants of a fleet, their policies, shares and API keys');
export type Tenants = z.infer<typeof TenantsSchema>;
