import type { ConfigFiles } from './config-files.js';
import { listed } from './listed.js';
import { parseSource } from './parse-source.js';
import { policyDigest } from './policy-digest.js';
import { type ConfigProblem, throwProblems } from './policy-error.js';
import { type Policy, PolicySchema } from './policy-schema.js';
import type { SourceFile } from './source-file.js';
import { type Scope, type Tenant, TenantsSchema } from './tenants-schema.js';

/** A policy in use. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly digest: string;
}

/** Whom an API key names. */
export interface KeyOwner {
  readonly tenant: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

/** A whole configuration that agrees with itself: every policy that a tenant names is there. */
export interface FleetConfig {
  readonly policies: ReadonlyMap<string, LoadedPolicy>;
  readonly tenants: ReadonlyMap<string, Tenant>;
  /** By the SHA-256 of the key in hexadecimal; see `hashApiKey`. */
  readonly keys: ReadonlyMap<string, KeyOwner>;
  readonly loadedAt: Date;
}

/** Pure. Throws PolicyError with everything that is wrong in all files. */
export function parseConfig(files: ConfigFiles, loadedAt: Date): FleetConfig {
  const problems: ConfigProblem[] = [];
  const policies = parsePolicies(files.policies, problems);
  const { tenants, keys } = parseTenants(files.tenants, policies, problems);
  throwProblems('invalid', problems);
  return { policies, tenants, keys, loadedAt };
}

function parsePolicies(
  sources: readonly SourceFile[],
  problems: ConfigProblem[],
): ReadonlyMap<string, LoadedPolicy> {
  const policies = new Map<string, LoadedPolicy>();
  const fileOf = new Map<string, string>();
  for (const source of sources) {
    const parsed = parseSource(source, 'yaml', PolicySchema);
    if (!parsed.ok) {
      problems.push(...parsed.problems);
      continue;
    }
    const policy = parsed.value;
    const other = fileOf.get(policy.name);
    if (other !== undefined) {
      problems.push(parsed.problem(['name'], `${other} already holds a policy named ${policy.name}`));
      continue;
    }
    fileOf.set(policy.name, source.file);
    policies.set(policy.name, { policy, digest: policyDigest(policy) });
  }
  return policies;
}

function parseTenants(
  source: SourceFile,
  policies: ReadonlyMap<string, LoadedPolicy>,
  problems: ConfigProblem[],
): Pick<FleetConfig, 'tenants' | 'keys'> {
  const parsed = parseSource(source, 'yaml', TenantsSchema);
  const tenants = new Map<string, Tenant>();
  const keys = new Map<string, KeyOwner>();
  if (!parsed.ok) {
    problems.push(...parsed.problems);
    return { tenants, keys };
  }
  // Where a policy file is bad, its name is unknown, and saying of each tenant that it is missing would hide the cause.
  const allParsed = problems.length === 0;
  for (const [name, tenant] of Object.entries(parsed.value.tenants)) {
    tenants.set(name, tenant);
    for (const { id, sha256, scopes } of tenant.keys) keys.set(sha256, { tenant: name, keyId: id, scopes });
    for (const [index, policy] of tenant.policies.entries()) {
      if (policies.has(policy) || !allParsed) continue;
      const reason = `no file in policies/ holds a policy named ${policy}; there are: ${listed([...policies.keys()])}`;
      problems.push(parsed.problem(['tenants', name, 'policies', index], reason));
    }
  }
  return { tenants, keys };
}
