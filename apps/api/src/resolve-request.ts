import {
  type Capabilities,
  type FleetConfig,
  type LoadedPolicy,
  type Resolution,
  resolve,
} from '@fumehood/policy';
import type { JobRequest, Runtime } from '@fumehood/schema';
import type { Caller } from './authenticate.js';

export interface ResolveInputs {
  readonly config: FleetConfig;
  readonly runtimes: ReadonlyMap<string, Runtime>;
  readonly capabilities: Capabilities | undefined;
}

/** Resolves a request under the policy that it names, or the tenant's first. A policy of other tenants is as unknown as one that is not there. */
export function resolveRequest(request: JobRequest, caller: Caller, inputs: ResolveInputs): Resolution {
  const { config, runtimes, capabilities } = inputs;
  const loaded = policyFor(request.policy, caller, config);
  if (loaded === undefined) {
    const reason = `The tenant has no policy ${request.policy}; it has: ${caller.settings.policies.join(', ')}.`;
    return { denials: [{ code: 'policy_unknown', path: '/policy', reason }] };
  }
  return resolve(request, loaded.policy, {
    runtimes,
    ...(capabilities === undefined ? {} : { capabilities }),
  });
}

function policyFor(
  name: string | undefined,
  { settings }: Caller,
  config: FleetConfig,
): LoadedPolicy | undefined {
  const chosen = name ?? settings.policies[0];
  if (chosen === undefined || !settings.policies.includes(chosen)) return undefined;
  return config.policies.get(chosen);
}
