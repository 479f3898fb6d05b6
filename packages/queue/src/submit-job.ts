import { createHash } from 'node:crypto';
import type { JobId, JobRequest, Plan } from '@fumehood/schema';
import { Job } from 'bullmq';
import type { z } from 'zod';
import { isStoredApart, requestText, sha256, signEnvelope } from './envelope/envelope.js';
import { execPipeline } from './pipeline.js';
import { askPosition, type Position, parsePosition, positionOf } from './position.js';
import type { QueueContext } from './queue-context.js';
import { asQueueError, QueueError } from './queue-error.js';
import { parseReply } from './script.js';
import { addedScript } from './scripts/added.js';
import { submitScript } from './scripts/submit.js';
import { timestamp } from './timestamp.js';

export interface Submission {
  readonly tenant: string;
  /** The tenant's share of the fleet against others', 0.1 to 100. */
  readonly weight: number;
  readonly maxQueued: number;
  readonly request: JobRequest;
  readonly plan: Plan;
  readonly idempotencyKey?: string | undefined;
  /**
   * Awaited when there is room for the job and before it can start or is acknowledged: the place to record it. When it fails the
   * submission fails with it, and the job is not queued.
   */
  readonly onAdmitted?: ((jobId: JobId) => Promise<void>) | undefined;
}

export interface Submitted extends Position {
  readonly jobId: JobId;
  /** Whether this call made the job; false when the idempotency key had made it before. */
  readonly created: boolean;
}

/** Longest JSON text of a request. */
const MAX_REQUEST_BYTES = 256 * 1024 * 1024;
/** Virtual time that a job of weight 1 takes. */
const UNITS_PER_JOB = 8;
/** A stored request is deleted with its job's end; this is for the case that nobody does. */
const REQUEST_GRACE_MS = 7 * 86_400_000;

type Ticket = Extract<z.infer<typeof submitScript.reply>, { status: 'created' | 'unfinished' | 'existing' }>;

/** A submission and what is known of it before the first script. */
interface Prepared extends Submission {
  readonly text: string;
  readonly bytes: number;
  readonly digest: string;
}

/**
 * Takes a job in. When it resolves the job is recorded and queued. Two round trips, and one more for each 256 KiB of a request that does not
 * fit into BullMQ's payload. Throws QueueError `tenant_full`, `idempotency_conflict`, `too_large`, `unavailable`.
 */
export async function submitJob(context: QueueContext, submission: Submission): Promise<Submitted> {
  const text = requestText(submission.request);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_REQUEST_BYTES) throw new QueueError('too_large', `The request has ${bytes} bytes as JSON`);
  const prepared = { ...submission, text, bytes, digest: sha256(text) };

  const jobId = context.newJobId();
  if (isStoredApart(bytes)) {
    const ttlMs = submission.plan.queueTimeoutMs + REQUEST_GRACE_MS;
    await context.blobs.put(context.keys.request(jobId), [Buffer.from(text)], ttlMs);
  }
  const ticket = await context.run(submitScript, submitArgs(context, prepared, jobId));
  if (!('jobId' in ticket) || ticket.jobId !== jobId) await deleteRequest(context, jobId, bytes);
  switch (ticket.status) {
    case 'full':
      throw new QueueError(
        'tenant_full',
        `${submission.tenant} has ${ticket.queued} jobs queued, as many as it may have`,
      );
    case 'conflict':
      throw new QueueError(
        'idempotency_conflict',
        `The idempotency key made ${ticket.jobId} from another request`,
      );
    case 'existing':
      return { jobId: ticket.jobId, created: false, ...(await readPosition(context, ticket.jobId)) };
    case 'unfinished':
      await submission.onAdmitted?.(ticket.jobId);
      return { jobId: ticket.jobId, created: false, ...(await addToBull(context, prepared, ticket)) };
    case 'created':
      await submission.onAdmitted?.(jobId);
      return { jobId, created: true, ...(await addToBull(context, prepared, ticket)) };
    default:
      throw ticket satisfies never;
  }
}

function submitArgs({ tuning }: QueueContext, { tenant, plan, ...submission }: Prepared, jobId: string) {
  const key = submission.idempotencyKey;
  return {
    jobId,
    tenant,
    maxQueued: submission.maxQueued,
    step: UNITS_PER_JOB / submission.weight,
    lane: plan.lane,
    runtime: plan.runtime,
    policy: plan.policy.name,
    policyDigest: plan.policy.digest,
    labels: JSON.stringify(submission.request.labels),
    queueTimeoutMs: plan.queueTimeoutMs,
    retentionMs: plan.retentionMs,
    requestDigest: submission.digest,
    idempotency: key === undefined ? '' : createHash('sha256').update(key).digest('hex'),
    tuning,
  };
}

/**
 * The second half: BullMQ's own script adds the signed envelope, and `added` behind it in the same pipeline completes the submission.
 * Adding a job that is there already changes nothing, so this may be repeated.
 */
async function addToBull(
  { bull, keys, signingKeys, tuning }: QueueContext,
  { tenant, text, bytes, digest }: Prepared,
  ticket: Ticket,
): Promise<Position> {
  const envelope = signEnvelope(
    {
      v: 1,
      jobId: ticket.jobId,
      tenant,
      policy: { name: ticket.policy, digest: ticket.policyDigest },
      submittedAt: timestamp(ticket.submittedAtMs),
      deadlineAt: timestamp(ticket.deadlineAtMs),
      request: isStoredApart(bytes) ? { digest, bytes } : { digest, bytes, inline: text },
    },
    signingKeys.current,
  );
  const options = { priority: ticket.priority, removeOnComplete: true, removeOnFail: true };
  const job = new Job(bull, 'job', envelope, { ...options, jobId: ticket.jobId }, ticket.jobId);
  try {
    const pipeline = (await bull.getBackend().client).pipeline();
    // Queued on the pipeline before its first await; what it resolves to says nothing in a pipeline.
    void job.addJob(pipeline);
    const args = addedScript.encode({ jobId: ticket.jobId, base: ticket.base, tuning });
    pipeline.runCommand(addedScript.name, [keys.prefix, ...args]);
    const [added, completed] = (await pipeline.exec()) ?? [];
    if (added?.[0]) throw added[0];
    if (completed === undefined || completed[0]) throw completed?.[0] ?? new Error('Connection is closed');
    const placed = parseReply(addedScript, completed[1]);
    if (placed.status === 'added') return positionOf(placed.position, placed.intervalMs);
    await bull.remove(ticket.jobId);
  } catch (error) {
    throw asQueueError(error);
  }
  throw new QueueError('unavailable', `Submitting ${ticket.jobId} took too long; it was not queued`);
}

async function deleteRequest({ blobs, keys }: QueueContext, jobId: string, bytes: number): Promise<void> {
  if (isStoredApart(bytes)) await blobs.delete([keys.request(jobId)]);
}

const readPosition = async ({ redis, keys }: QueueContext, jobId: string): Promise<Position> =>
  parsePosition(await execPipeline(askPosition(redis.pipeline(), keys, jobId)));
