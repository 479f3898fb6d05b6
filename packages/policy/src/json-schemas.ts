import { JobRequestSchema, RuntimeDefinitionSchema } from '@fumehood/schema';
import { z } from 'zod';
import { PolicySchema } from './policy-schema.js';
import { TenantsSchema } from './tenants-schema.js';

/** A JSON Schema as plain data. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Draft 7, which every editor understands; of what people write, with the defaults still to be filled in. */
function forEditors(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
}

export const policyJsonSchema = (): JsonSchema => forEditors(PolicySchema);
export const tenantsJsonSchema = (): JsonSchema => forEditors(TenantsSchema);
export const runtimeJsonSchema = (): JsonSchema => forEditors(RuntimeDefinitionSchema);
export const jobRequestJsonSchema = (): JsonSchema => forEditors(JobRequestSchema);

/** The files of infra/schemas, by name. */
export function jsonSchemaFiles(): ReadonlyMap<string, JsonSchema> {
  return new Map([
    ['policy.schema.json', policyJsonSchema()],
    ['tenants.schema.json', tenantsJsonSchema()],
    ['runtime.schema.json', runtimeJsonSchema()],
    ['job-request.schema.json', jobRequestJsonSchema()],
  ]);
}
