import { type VerifiedJob, verifyEnvelope } from '../envelope/verify-envelope.js';
import type { QueueContext } from '../queue-context.js';
import { QueueError } from '../queue-error.js';
import type { Rejection } from '../rejection.js';
import { HINTS, resultWithoutRun } from '../result-without-run.js';
import { type Claim, type Claimed, claimScript } from '../scripts/claim.js';
import type { Admission } from './admission.js';
import { createAttempt, endJob } from './attempt.js';
import { deadLetter } from './dead-letter.js';
import type { Delivery } from './delivery.js';
import type { Lease } from './leases.js';

export interface Receiver {
  readonly context: QueueContext;
  readonly workerId: string;
  readonly admission: Admission;
  readonly onRejected: (rejection: Rejection) => void | Promise<void>;
  readonly handle: (delivery: Delivery) => Promise<void>;
}

/** A job that there is room for. */
export interface Admitted {
  readonly lease: Lease;
  readonly job: VerifiedJob;
  readonly reservation: AsyncDisposable;
}

/**
 * Verifies what was fetched and waits until there is room for it. The job still counts as queued meanwhile: it can be canceled and can
 * expire. Undefined when nothing is to be run.
 */
export async function admit(
  receiver: Receiver,
  lease: Lease,
  drain: AbortSignal,
): Promise<Admitted | undefined> {
  const { context, workerId } = receiver;
  try {
    const verdict = await verifyEnvelope(lease.jobId, lease.payload, context.signingKeys, (jobId, bytes) =>
      loadRequest(context, jobId, bytes),
    );
    if (verdict.ok) return await reserve(receiver, lease, verdict.job, drain);
    await receiver.onRejected(await deadLetter(context, lease, verdict.reason, workerId));
    return undefined;
  } catch (error) {
    // The lock runs out, and whoever fetches the job next decides.
    lease.abandon();
    throw error;
  }
}

async function reserve(
  receiver: Receiver,
  lease: Lease,
  job: VerifiedJob,
  drain: AbortSignal,
): Promise<Admitted | undefined> {
  const { admission, context } = receiver;
  try {
    const reservation = await admission.reserve(job, AbortSignal.any([lease.signal, drain]));
    if (!drain.aborted) return { lease, job, reservation };
    await reservation[Symbol.asyncDispose]();
  } catch (error) {
    if (!drain.aborted || lease.signal.aborted) {
      if (!lease.signal.aborted) context.onFault(error);
      await giveUp(receiver, lease, job);
      return undefined;
    }
  }
  await lease.handBack(0);
  return undefined;
}

/** Claims an admitted job and gives it to the handler. Resolves when the attempt is over, whatever happened. */
export async function deliver(receiver: Receiver, { lease, job, reservation }: Admitted): Promise<void> {
  const { context, handle } = receiver;
  try {
    const claimed = await claim(receiver, lease, job);
    if (claimed === undefined) return;
    const attempt = createAttempt(context, lease, job, claimed);
    await handle(attempt.delivery).catch(context.onFault);
    await attempt.settle();
  } catch (error) {
    // The lock runs out, and whoever fetches the job next decides.
    context.onFault(error);
    lease.abandon();
  } finally {
    await reservation[Symbol.asyncDispose]();
  }
}

/** The job could not be admitted: a failure of ours, which counts, or it was canceled meanwhile, which its claim will say. */
async function giveUp(receiver: Receiver, lease: Lease, job: VerifiedJob): Promise<void> {
  const claimed = await claim(receiver, lease, job);
  if (claimed !== undefined) await createAttempt(receiver.context, lease, job, claimed).settle();
}

/** Makes the job this worker's; undefined when it is not to be run, which is then settled. */
async function claim(receiver: Receiver, lease: Lease, job: VerifiedJob): Promise<Claimed | undefined> {
  const { context, workerId } = receiver;
  const claimed: Claim = await context.run(claimScript, {
    jobId: job.id,
    tenant: job.tenant,
    workerId,
    token: lease.token,
    deadlineAtMs: Date.parse(job.deadlineAt),
    retryOnLoss: job.request.retryOnLoss,
    maxFailures: context.tuning.maxFailures,
    tuning: context.tuning,
  });
  switch (claimed.verdict) {
    case 'run':
      lease.attempt = claimed.claimed.attempt;
      return claimed.claimed;
    case 'canceled':
      return endUnrun(
        context,
        lease,
        claimed.claimed,
        'canceled',
        claimed.claimed.earlier === null ? HINTS.canceledInQueue : HINTS.canceledWhileLost,
      );
    case 'expired':
      return endUnrun(context, lease, claimed.claimed, 'expired', HINTS.expired);
    case 'lost':
      return endUnrun(context, lease, claimed.claimed, 'lost', HINTS.lost);
    case 'exhausted':
      return endUnrun(context, lease, claimed.claimed, 'lost', HINTS.exhausted);
    case 'unknown':
    case 'mismatch': {
      const reason = claimed.verdict === 'unknown' ? 'record_missing' : 'record_mismatch';
      await receiver.onRejected(await deadLetter(context, lease, reason, workerId));
      return undefined;
    }
    case 'ended':
      await lease.complete();
      return undefined;
    case 'not_held':
      lease.abandon();
      return undefined;
    default:
      throw claimed satisfies never;
  }
}

async function endUnrun(
  context: QueueContext,
  lease: Lease,
  claimed: Claimed,
  type: 'canceled' | 'expired' | 'lost',
  hint: string,
): Promise<undefined> {
  const result = resultWithoutRun({ jobId: lease.jobId, ...claimed, run: claimed.earlier }, { type }, hint);
  await endJob(context, {
    jobId: lease.jobId,
    by: claimed.attempt,
    outcome: type,
    result: JSON.stringify(result),
  });
  await lease.complete();
}

async function loadRequest(
  { blobs, keys }: QueueContext,
  jobId: string,
  bytes: number,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of blobs.get(keys.request(jobId), bytes)) pieces.push(piece);
  } catch (error) {
    if (error instanceof QueueError && error.code === 'corrupt') return undefined;
    throw error;
  }
  return Buffer.concat(pieces);
}
