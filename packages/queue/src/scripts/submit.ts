import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { type FairnessTuning, fairness } from './fairness.js';
import { prelude } from './prelude.js';

interface SubmitArgs {
  readonly jobId: string;
  readonly tenant: string;
  readonly maxQueued: number;
  /** Distance between two tags of the tenant: 8 / weight. */
  readonly step: number;
  readonly lane: string;
  readonly runtime: string;
  readonly policy: string;
  readonly policyDigest: string;
  /** JSON. */
  readonly labels: string;
  readonly queueTimeoutMs: number;
  readonly retentionMs: number;
  readonly requestDigest: string;
  /** Hash of the idempotency key; empty when the client gave none. */
  readonly idempotency: string;
  readonly tuning: FairnessTuning;
}

const Ticket = {
  jobId: z.string(),
  submittedAtMs: z.number(),
  deadlineAtMs: z.number(),
  policy: z.string(),
  policyDigest: z.string(),
  priority: z.number(),
  base: z.number(),
};

const Reply = z.discriminatedUnion('status', [
  z.object({ status: z.literal('created'), ...Ticket }),
  z.object({ status: z.literal('unfinished'), ...Ticket }).describe('The earlier job was never added'),
  z.object({ status: z.literal('existing'), ...Ticket }),
  z.object({ status: z.literal('conflict'), jobId: z.string() }),
  z.object({ status: z.literal('full'), queued: z.number() }),
]);

/**
 * Takes a job in: writes its record in the state queued, with its fair tag. Its BullMQ job is added next; `added` says so.
 * Until then it is pending: not acknowledged, and removed by the janitor after a while.
 * ARGV[1]: SubmitArgs. A job id that is there already is this same call, sent twice by a reconnecting client.
 */
export const submitScript: Script<SubmitArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodSubmit',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}${fairness}
local a = cjson.decode(ARGV[1])

local function ticket(status, id)
  local r = redis.call('HMGET', recordKey(id), 'submittedAt', 'deadlineAt', 'policy', 'policyDigest', 'tag', 'lane')
  local virtual, base = virtualTime()
  return reply({
    status = status, jobId = id, submittedAtMs = tonumber(r[1]), deadlineAtMs = tonumber(r[2]), policy = r[3], policyDigest = r[4],
    priority = priorityOf(tonumber(r[5]), r[6], base, a.tuning), base = base,
  })
end

if redis.call('EXISTS', recordKey(a.jobId)) == 1 then return ticket('created', a.jobId) end

local idempotency = idempotencyKey(a.tenant, a.idempotency)
if a.idempotency ~= '' then
  local earlier = redis.call('GET', idempotency)
  if earlier and redis.call('EXISTS', recordKey(earlier)) == 1 then
    if redis.call('HGET', recordKey(earlier), 'requestDigest') ~= a.requestDigest then return reply({status = 'conflict', jobId = earlier}) end
    return ticket(redis.call('ZSCORE', P .. ':pending', earlier) and 'unfinished' or 'existing', earlier)
  end
end

local queued = tonumber(redis.call('HGET', P .. ':queued', a.tenant) or 0)
if queued >= a.maxQueued then return reply({status = 'full', queued = queued}) end

local at = now()
local tag = takeTag(a.tenant, a.lane, a.step)
redis.call('HSET', recordKey(a.jobId),
  'tenant', a.tenant, 'state', 'queued', 'lane', a.lane, 'runtime', a.runtime, 'policy', a.policy, 'policyDigest', a.policyDigest,
  'labels', a.labels, 'submittedAt', at, 'deadlineAt', at + a.queueTimeoutMs, 'retentionMs', a.retentionMs,
  'requestDigest', a.requestDigest, 'idempotency', a.idempotency, 'tag', tag, 'attempt', 0, 'failures', 0, 'began', 0)
count('queued', a.tenant, 1)
redis.call('ZADD', P .. ':tenant:' .. a.tenant, 0, a.jobId)
redis.call('ZADD', P .. ':pending', at, a.jobId)
redis.call('ZADD', P .. ':deadlines', at + a.queueTimeoutMs, a.jobId)
if a.idempotency ~= '' then redis.call('SET', idempotency, a.jobId) end
announce(a.jobId, 'queued', 0, at)
return ticket('created', a.jobId)
`,
};
