import type { Job, JobRequest, Plan } from '@fumehood/schema';
import { ApiError } from './api-error.js';
import type { Caller } from './authenticate.js';
import { resolveRequest } from './resolve-request.js';
import type { RouteContext } from './route-context.js';

export interface Submission {
  readonly request: JobRequest;
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
  readonly requestId: string;
}

export interface Accepted {
  readonly job: Job;
  /** false: the idempotency key had made the job before. */
  readonly created: boolean;
}

/**
 * Takes a job in: resolve, record, queue. `job.submitted` is stored after the queue has found room for the job and before the job can
 * start or is acknowledged, so that a job that runs is always on record. A crash in between leaves a record of a job
 * that was never acknowledged, and no job.
 */
export async function acceptJob(
  submission: Submission,
  { deps, capabilities }: RouteContext,
): Promise<Accepted> {
  const { request, caller, idempotencyKey, requestId } = submission;
  const { queue, audit } = deps;
  const { tenant, keyId, settings } = caller;
  const plan = await permittedPlan(submission, { deps, capabilities });
  const { jobId, created } = await queue.submit({
    tenant,
    weight: settings.weight,
    maxQueued: settings.maxQueued,
    request,
    plan,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    async onAdmitted(admittedId) {
      const data = {
        keyId,
        requestId,
        runtime: plan.runtime,
        policy: plan.policy.name,
        policyDigest: plan.policy.digest,
        lane: plan.lane,
      };
      await audit.append({ type: 'job.submitted', tenant, jobId: admittedId, data });
    },
  });
  const job = await queue.get(tenant, jobId);
  // Acknowledged, and gone already: only a purge, or the shortest of retentions, does that.
  if (job === undefined)
    throw new ApiError('job_not_found', 'The job has ended, and its retention has passed.');
  return { job, created };
}

async function permittedPlan(
  submission: Submission,
  { deps, capabilities }: Pick<RouteContext, 'deps' | 'capabilities'>,
): Promise<Plan> {
  const { request, caller, requestId } = submission;
  const resolution = resolveRequest(request, caller, {
    config: deps.config.current,
    runtimes: deps.runtimes.current,
    capabilities: await capabilities(),
  });
  if ('plan' in resolution) return resolution.plan;
  const { denials } = resolution;
  const codes = [...new Set(denials.map(({ code }) => code))].join(' ');
  const data = {
    keyId: caller.keyId,
    requestId,
    runtime: request.runtime,
    policy: request.policy ?? null,
    codes,
  };
  await deps.audit.append({ type: 'job.denied', tenant: caller.tenant, jobId: null, data });
  const more = denials.length === 1 ? '' : ` (and ${denials.length - 1} more)`;
  throw new ApiError('policy_denied', `${denials[0]?.reason ?? 'The policy does not allow it.'}${more}`, {
    denials,
  });
}
