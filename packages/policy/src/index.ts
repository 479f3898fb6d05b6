export { addKey, type NewKey } from './add-key.js';
export { generateApiKey, hashApiKey } from './api-key.js';
export { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from './built-in-limits.js';
export { explain } from './explain.js';
export { type FoundRuntime, findRuntime, runtimeNames } from './find-runtime.js';
export type { FleetConfig, KeyOwner, LoadedPolicy } from './fleet-config.js';
export {
  type JsonSchema,
  jobRequestJsonSchema,
  policyJsonSchema,
  runtimeJsonSchema,
  tenantsJsonSchema,
} from './json-schemas.js';
export { loadConfig } from './load-config.js';
export { loadRuntimes, type MissingRuntime, type Runtimes } from './load-runtimes.js';
export { type JobInput, materialise, type WorkspaceFile } from './materialise.js';
export { policyDigest } from './policy-digest.js';
export { type ConfigProblem, POLICY_ERRORS, PolicyError, type PolicyErrorCode } from './policy-error.js';
export { type Policy, type PolicyInput, PolicySchema } from './policy-schema.js';
export { type Capabilities, type Resolution, type ResolveContext, resolve } from './resolve.js';
export { SCOPES, type Scope, type Tenant, type Tenants, TenantsSchema } from './tenants-schema.js';
export { type ConfigHandle, type WatchOptions, watchConfig } from './watch-config.js';
export { type RuntimesOptions, watchRuntimes } from './watch-runtimes.js';
