import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { type FairnessTuning, fairness } from './fairness.js';
import { prelude } from './prelude.js';

interface ClaimArgs {
  readonly jobId: string;
  /** Empty when the payload was not to be believed. */
  readonly tenant: string;
  readonly workerId: string;
  /** The token under which the worker holds the BullMQ job; new for each fetch. */
  readonly token: string;
  /** From the signed envelope and request, not from the record. */
  readonly deadlineAtMs: number;
  readonly retryOnLoss: boolean;
  readonly maxFailures: number;
  readonly tuning: FairnessTuning;
}

const ClaimedSchema = z.object({
  attempt: z.number(),
  claimedAtMs: z.number(),
  tenant: z.string(),
  runtime: z.string(),
  retentionMs: z.number(),
  submittedAtMs: z.number(),
  earlier: z.object({ attempt: z.number(), claimedAtMs: z.number(), startedAtMs: z.number() }).nullable(),
});
/** What a claim tells of the job. `earlier` is an attempt before it that began and did not end. */
export type Claimed = z.infer<typeof ClaimedSchema>;

const Reply = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.enum(['run', 'canceled', 'expired', 'lost', 'exhausted']), claimed: ClaimedSchema }),
  z.object({ verdict: z.enum(['unknown', 'mismatch', 'ended', 'not_held']) }),
]);
export type Claim = z.infer<typeof Reply>;

/**
 * Makes a fetched job a worker's: queued → assigned, or again assigned when an earlier attempt's worker is gone. The attempt is the fencing
 * token: whoever had the one before can begin, write and end nothing any more. It also decides what an earlier attempt means:
 *
 * canceled  a cancel was requested                    lost       it had begun and may not run twice
 * expired   its deadline passed in the queue          exhausted  our side failed too often
 *
 * For these the caller ends the job under the attempt that it got. `unknown`: no record; `mismatch`: the record is another tenant's;
 * `ended`: nothing is left to do; `not_held`: the lock was lost on the way. ARGV[1]: ClaimArgs. A repeated token gets the same attempt.
 */
export const claimScript: Script<ClaimArgs, Claim> = {
  name: 'fumehoodClaim',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}${fairness}
local a = cjson.decode(ARGV[1])
local key = recordKey(a.jobId)
local job = redis.call('HMGET', key, 'tenant', 'state', 'attempt', 'failures', 'began', 'cancelRequested', 'claimToken', 'tag',
  'runtime', 'retentionMs', 'submittedAt', 'claimedAt', 'startedAt')
local tenant, state, attempt, failures, began = job[1], job[2], tonumber(job[3]), tonumber(job[4]), tonumber(job[5])
if not tenant then return reply({verdict = 'unknown'}) end
if a.tenant ~= '' and a.tenant ~= tenant then return reply({verdict = 'mismatch'}) end
if state == 'ended' then return reply({verdict = 'ended'}) end
if redis.call('GET', bull(a.jobId) .. ':lock') ~= a.token then return reply({verdict = 'not_held'}) end

-- How long it takes from start to start while jobs wait: the estimate of waiting times.
local function observeRate(at)
  local rate = redis.call('HMGET', P .. ':rate', 'at', 'intervalMs', 'busy')
  local smoothed = tonumber(rate[2])
  if rate[3] == '1' then
    local interval = math.max(0, at - tonumber(rate[1]))
    smoothed = smoothed and smoothed * 0.9 + interval * 0.1 or interval
    redis.call('HSET', P .. ':rate', 'intervalMs', smoothed)
  end
  local waiting = redis.call('ZCARD', bull('prioritized')) + redis.call('LLEN', bull('wait'))
  redis.call('HSET', P .. ':rate', 'at', at, 'busy', waiting > 0 and 1 or 0)
  redis.call('PEXPIRE', P .. ':rate', 3600000)
end

local at = now()
if job[7] ~= a.token then
  attempt = attempt + 1
  if state ~= 'queued' then failures = failures + 1 end
  redis.call('HSET', key, 'attempt', attempt, 'failures', failures, 'claimToken', a.token)
  redis.call('ZADD', P .. ':live', at, a.jobId)
  redis.call('ZREM', P .. ':pending', a.jobId)
  if attempt == 1 then
    advance(tonumber(job[8]), a.tuning)
    observeRate(at)
  end
end

local function decide()
  if job[6] then return 'canceled' end
  if began > 0 and not a.retryOnLoss then return 'lost' end
  if failures >= a.maxFailures then return 'exhausted' end
  if at >= a.deadlineAtMs then return began > 0 and 'lost' or 'expired' end
  return 'run'
end
local verdict = decide()
if verdict == 'run' and (state == 'queued' or job[7] ~= a.token) then
  redis.call('HSET', key, 'workerId', a.workerId, 'claimedAt', at, 'began', 0, 'liveSequence', 0)
  redis.call('ZREM', P .. ':deadlines', a.jobId)
  move(a.jobId, tenant, state, 'assigned', attempt, at)
end
return reply({verdict = verdict, claimed = {
  attempt = attempt, claimedAtMs = at, tenant = tenant, runtime = job[9], retentionMs = tonumber(job[10]), submittedAtMs = tonumber(job[11]),
  earlier = began > 0 and {attempt = began, claimedAtMs = tonumber(job[12]), startedAtMs = tonumber(job[13])} or cjson.null,
}})
`,
};
