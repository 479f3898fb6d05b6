import { createHmac, randomBytes } from 'node:crypto';
import { openAuditLog } from '@fumehood/audit';
import { PolicySchema, policyDigest, resolve } from '@fumehood/policy';
import { connectQueue, type JobQueue } from '@fumehood/queue';
import { startRedis } from '@fumehood/queue/testing';
import type { SandboxDriver } from '@fumehood/sandbox';
import { type JobRequestInput, JobRequestSchema, type Result, type Runtime } from '@fumehood/schema';
import { createAdmission } from '../admission.js';
import { type Decision, decide, decideOnce } from '../decide.js';
import { queueAdmission } from '../queue-admission.js';
import { type JobDeps, runJob } from '../run-job.js';

const TENANT = 'acme';

/** A shell of this host's, for the fake driver. */
const SHELL: Runtime = {
  name: 'sh',
  title: 'sh',
  aliases: {},
  entry: 'main.sh',
  run: ['/bin/sh', '{entry}'],
  env: {},
  minimums: {},
  imageDigest: `sha256:${'0'.repeat(64)}`,
};

export interface TestWorker extends AsyncDisposable {
  readonly queue: JobQueue;
  readonly failures: Parameters<JobDeps['onFailure']>[0][];
  /** Types of the audit's events about a job, in order. */
  audited(jobId: string): Promise<readonly string[]>;
  submit(request: Omit<JobRequestInput, 'runtime'>): Promise<string>;
  result(jobId: string): Promise<Result>;
  /** Changes what this worker decides; the API's side stays. */
  decideWith(decision: ((job: Parameters<JobDeps['decide']>[0]) => Decision | undefined) | undefined): void;
  /** Ends the worker's loop: `hurry` aborts what runs. */
  drain(hurry: boolean): Promise<void>;
}

/** A worker's whole way of a job, over a real Redis of its own and any driver. */
export async function startTestWorker(driver: SandboxDriver): Promise<TestWorker> {
  const redis = await startRedis();
  const secret = { id: 'k', secret: createHmac('sha256', 'test').update('key').digest() };
  const queue = await connectQueue({
    redisUrl: redis.url,
    signingKeys: { current: secret, accepted: [secret] },
    patience: 'wait',
    tuning: { lockDurationMs: 2_000, lockRenewMs: 500, stalledIntervalMs: 500, shutdownGraceMs: 5_000 },
  });
  const audit = await openAuditLog({ store: queue.auditStore, writer: 'worker:test', key: randomBytes(32) });
  const policy = PolicySchema.parse({ apiVersion: 'fumehood/v1', name: 'default', runtimes: { sh: {} } });
  const runtimes = new Map([['sh', SHELL]]);
  const admission = createAdmission({ cpus: 4, memoryBytes: 8 * 1024 ** 3 });
  const tenant = { policies: ['default'], weight: 1, maxQueued: 100, keys: [] };
  const config = () => ({
    policies: new Map([['default', { policy, digest: policyDigest(policy) }]]),
    tenants: new Map([[TENANT, tenant]]),
    keys: new Map(),
    loadedAt: new Date(),
  });
  let override: ((job: Parameters<JobDeps['decide']>[0]) => Decision | undefined) | undefined;
  const capabilities = { isolation: ['container'] as const, egress: false };
  const decideJob: JobDeps['decide'] = decideOnce(
    (job) => override?.(job) ?? decide(job, { config, runtimes, capabilities, admission }),
  );
  const failures: TestWorker['failures'] = [];
  const [taking, hurry] = [new AbortController(), new AbortController()];
  const consumer = queue.consume(
    {
      workerId: 'test-worker',
      admission: queueAdmission(admission, decideJob),
      onRejected: () => undefined,
      signal: taking.signal,
      shutdownSignal: hurry.signal,
    },
    (delivery) =>
      runJob(delivery, {
        workerId: 'test-worker',
        driver,
        audit,
        decide: decideJob,
        onEnded: () => undefined,
        onFailure: (failure) => failures.push(failure),
      }),
  );
  const drain = async (hurried: boolean) => {
    taking.abort();
    if (hurried) hurry.abort();
    await consumer;
  };

  return {
    queue,
    failures,
    drain,
    decideWith: (decision) => {
      override = decision;
    },
    async audited(jobId) {
      const types: string[] = [];
      for await (const event of queue.auditStore.read('worker:test')) {
        const { jobId: about, type } = event as { jobId: string | null; type: string };
        if (about === jobId) types.push(type);
      }
      return types;
    },
    async submit(input) {
      const request = JobRequestSchema.parse({ ...input, runtime: 'sh' });
      const resolution = resolve(request, policy, { runtimes });
      if ('denials' in resolution) throw new Error(JSON.stringify(resolution.denials));
      const submission = { tenant: TENANT, weight: 1, maxQueued: 100, request, plan: resolution.plan };
      return (await queue.submit(submission)).jobId;
    },
    async result(jobId) {
      const result = await queue.waitForResult(TENANT, jobId, AbortSignal.timeout(15_000));
      if (result === undefined) throw new Error(`${jobId} has no result`);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await drain(true);
      await audit[Symbol.asyncDispose]();
      await queue[Symbol.asyncDispose]();
      await driver[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
