import { type FleetConfig, resolve } from '@fumehood/policy';
import type { Denial, IsolationTier, JobRequest, Limits, Plan, Runtime } from '@fumehood/schema';
import type { Admission } from './admission.js';

/** What a worker makes of a job: a plan by its own policies, or the reasons against it. */
export type Decision =
  | { readonly plan: Plan; readonly ceilings: Limits }
  | { readonly denials: readonly Denial[] };

export interface DecideContext {
  /** The worker's own policies and tenants, as of now. */
  config(): FleetConfig;
  readonly runtimes: ReadonlyMap<string, Runtime>;
  readonly capabilities: { readonly isolation: readonly IsolationTier[]; readonly egress: boolean };
  readonly admission: Pick<Admission, 'capacity' | 'fits'>;
}

/** Resolves a job again, from nothing but its request and its tenant's name: what the API resolved is not asked. */
export function decide(
  job: { readonly tenant: string; readonly request: JobRequest },
  { config, runtimes, capabilities, admission }: DecideContext,
): Decision {
  const { tenants, policies } = config();
  const tenant = tenants.get(job.tenant);
  if (tenant === undefined) {
    const reason = `This worker's tenants.yaml has no tenant ${job.tenant}; give every host the same configuration.`;
    return refuse('policy_unknown', '', reason);
  }
  const name = job.request.policy ?? tenant.policies[0];
  const loaded = name !== undefined && tenant.policies.includes(name) ? policies.get(name) : undefined;
  if (loaded === undefined) {
    const reason = `The tenant may not use a policy called ${String(name)}; it has ${tenant.policies.join(', ')}.`;
    return refuse('policy_unknown', '/policy', reason);
  }
  const decision = resolve(job.request, loaded.policy, { runtimes, capabilities });
  if ('denials' in decision) return decision;
  if (!admission.fits(decision.plan.limits)) {
    const { cpus, memoryBytes } = admission.capacity;
    const reason = `This worker promises ${cpus} CPUs and ${memoryBytes} bytes of memory in all; the job asks for more. Ask for less, or add a larger host.`;
    return refuse('limit_above_ceiling', '/limits', reason);
  }
  return { plan: decision.plan, ceilings: loaded.policy.limits.ceilings };
}

/** Decides about each job once, so that what runs is what room was made for, also when policies are loaded anew in between. */
export function decideOnce<Job extends object>(decideJob: (job: Job) => Decision): (job: Job) => Decision {
  const decisions = new WeakMap<Job, Decision>();
  return (job) => {
    const decision = decisions.get(job) ?? decideJob(job);
    decisions.set(job, decision);
    return decision;
  };
}

const refuse = (code: Denial['code'], path: string, reason: string): Decision => ({
  denials: [{ code, path, reason }],
});
