import type { AuditLog } from '@fumehood/audit';
import { materialise } from '@fumehood/policy';
import { type Delivery, JobAbort, QueueError } from '@fumehood/queue';
import type { RunResult, Sandbox, SandboxDriver } from '@fumehood/sandbox';
import type { Outcome, Plan, Result } from '@fumehood/schema';
import type { Decision } from './decide.js';
import { type JobRecord, openRecord } from './job-record.js';

export interface JobDeps {
  readonly workerId: string;
  readonly driver: SandboxDriver;
  readonly audit: Pick<AuditLog, 'append'>;
  decide(job: Delivery['job']): Decision;
  /** Told once for every result that was accepted, with the time that storing it took. */
  onEnded(result: Result, recordMs: number): void;
  /** Told of a failure of ours, with what becomes of the job. */
  onFailure(failure: {
    readonly delivery: Delivery;
    readonly error: unknown;
    readonly consequence: 'retried' | 'lost' | 'dropped';
  }): void;
}

/** Runs one job from its delivery to its one result. Never rejects for what the job did. */
export async function runJob(delivery: Delivery, deps: JobDeps): Promise<void> {
  const decision = deps.decide(delivery.job);
  const record = openRecord(delivery, decision, deps.workerId);
  if ('denials' in decision) {
    return await conclude({ type: 'denied', denials: [...decision.denials] }, record, delivery, deps);
  }
  try {
    await runInSandbox(decision.plan, record, delivery, deps);
  } catch (error) {
    await recover(error, record, delivery, deps);
  }
}

/** The result stands before the sandbox is gone; the room that the job was given is free only after. */
async function runInSandbox(plan: Plan, record: JobRecord, delivery: Delivery, deps: JobDeps): Promise<void> {
  await using sandbox = await deps.driver.acquire(plan.profile, delivery.signal);
  record.acquired(sandbox);
  const run = await runCommand(plan, sandbox, record, delivery, deps);
  record.ran(run);
  // An abort ends a run as canceled, whoever aborted it; only a cancel is one.
  if (delivery.signal.aborted && abortCode(delivery) !== 'canceled') throw delivery.signal.reason;
  await conclude(run.outcome, record, delivery, deps);
}

/** The job's data in, its output and artifacts out. The start is on record before it happens. */
async function runCommand(
  plan: Plan,
  sandbox: Sandbox,
  record: JobRecord,
  delivery: Delivery,
  deps: JobDeps,
): Promise<RunResult> {
  const { files, stdin } = materialise(delivery.job.request, plan.entry);
  return await sandbox.run(plan.command, {
    files,
    stdin,
    signal: delivery.signal,
    async beforeStart() {
      await deps.audit.append({
        type: 'job.started',
        tenant: delivery.job.tenant,
        jobId: delivery.job.id,
        data: {
          attempt: delivery.attempt,
          workerId: deps.workerId,
          sandboxId: sandbox.id,
          imageDigest: plan.profile.imageDigest,
          policyDigest: plan.policy.digest,
          isolation: sandbox.isolation.tier,
        },
      });
      await delivery.begin();
      record.begins();
    },
    onOutput: record.onOutput,
    onArtifact: record.onArtifact,
  });
}

/** Writes the one result: audited first, then stored under the attempt's fence. */
async function conclude(
  outcome: Outcome,
  record: JobRecord,
  delivery: Delivery,
  deps: JobDeps,
): Promise<void> {
  const result = await record.result(outcome);
  const about = { tenant: delivery.job.tenant, jobId: delivery.job.id };
  const data = { attempt: delivery.attempt, outcome: outcome.type, workerId: deps.workerId };
  await deps.audit.append({ type: 'job.ended', ...about, data });
  const began = performance.now();
  if ((await delivery.end(result)) === 'accepted') return deps.onEnded(result, performance.now() - began);
  await deps.audit.append({
    type: 'job.rejected',
    ...about,
    data: { ...data, reason: 'another attempt owns the job' },
  });
}

/** Decides what a failure means for the job; the table is in docs/reference/outcomes.md. */
async function recover(error: unknown, record: JobRecord, delivery: Delivery, deps: JobDeps): Promise<void> {
  const code = abortCode(delivery);
  // Another worker decides about the job now; nothing from here would be accepted.
  if (code === 'lock_lost' || (error instanceof QueueError && error.code === 'fenced')) {
    return deps.onFailure({ delivery, error, consequence: 'dropped' });
  }
  if (code === 'canceled') return await conclude({ type: 'canceled' }, record, delivery, deps);
  if (record.hasBegun() && !delivery.job.request.retryOnLoss) {
    deps.onFailure({ delivery, error, consequence: 'lost' });
    return await conclude({ type: 'lost' }, record, delivery, deps);
  }
  // What is left undecided, the queue hands to another attempt, up to its bound.
  deps.onFailure({ delivery, error, consequence: 'retried' });
}

const abortCode = ({ signal }: Delivery) =>
  signal.reason instanceof JobAbort ? signal.reason.code : undefined;
