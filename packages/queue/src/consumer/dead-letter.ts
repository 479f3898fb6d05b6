import type { Denial } from '@fumehood/schema';
import { sha256 } from '../envelope/envelope.js';
import { execPipeline } from '../pipeline.js';
import type { QueueContext } from '../queue-context.js';
import { REJECTION_REASONS, type Rejection, type RejectionReason } from '../rejection.js';
import { HINTS, resultWithoutRun } from '../result-without-run.js';
import { claimScript } from '../scripts/claim.js';
import { endJob } from './attempt.js';
import type { Lease } from './leases.js';

const MAX_DEAD_LETTERS = 1_000;

/**
 * Gets rid of a payload that is not to be believed: it goes into the dead-letter stream (its digest, not its content, which may be
 * a tenant's code), and the job whose id it bears, if there is one, ends as denied. It is never run.
 */
export async function deadLetter(
  context: QueueContext,
  lease: Lease,
  reason: RejectionReason,
  workerId: string,
): Promise<Rejection> {
  const denied = reason !== 'record_mismatch' && (await deny(context, lease, reason, workerId));
  const jobId = lease.jobId.slice(0, 128);
  const entry = {
    reason,
    jobId,
    workerId,
    payload: sha256(JSON.stringify(lease.payload) ?? ''),
    denied: String(denied),
  };
  await execPipeline(
    context.redis
      .pipeline()
      .xadd(context.keys.deadLetters, 'MAXLEN', '~', MAX_DEAD_LETTERS, '*', ...Object.entries(entry).flat()),
  );
  await lease.complete();
  return { reason, jobId, denied };
}

async function deny(
  context: QueueContext,
  lease: Lease,
  reason: RejectionReason,
  workerId: string,
): Promise<boolean> {
  const { jobId, token } = lease;
  const { maxFailures } = context.tuning;
  const claim = await context.run(claimScript, {
    jobId,
    tenant: '',
    workerId,
    token,
    deadlineAtMs: 0,
    retryOnLoss: false,
    maxFailures,
    tuning: context.tuning,
  });
  if (!('claimed' in claim)) return false;
  const { claimed } = claim;
  const denial: Denial = {
    code: 'signature_invalid',
    path: '',
    reason: `The job was not run because ${REJECTION_REASONS[reason]}.`,
  };
  const known = { jobId, ...claimed, run: claimed.earlier };
  const result = resultWithoutRun(known, { type: 'denied', denials: [denial] }, HINTS.rejected);
  const ending = { jobId, by: claimed.attempt, outcome: 'denied', result: JSON.stringify(result) };
  return (await endJob(context, ending)) === 'accepted';
}
