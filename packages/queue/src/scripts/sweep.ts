import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

/** When a list of an answer is this long there may be more. */
export const SWEEP_LIMIT = 100;

interface SweepArgs {
  readonly sweeper: string;
  readonly intervalMs: number;
  readonly submissionTimeoutMs: number;
  readonly liveCheckMs: number;
}

const Reply = z.object({
  /** Queued jobs whose deadline has passed. */
  overdue: z.array(z.string()),
  /** Jobs whose BullMQ job is gone though they have not ended. */
  vanished: z.array(z.string()),
  /** Submissions that were removed: they were never acknowledged. */
  abandoned: z.array(z.string()),
  /** Ended jobs whose retention is over. */
  expired: z.array(z.object({ tenant: z.string(), jobId: z.string() })),
});

const listOr = (value: unknown) => (Array.isArray(value) ? value : []);
// Lua cannot tell an empty list from an empty object.
const LuaReply = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, list]) => [name, listOr(list)]))
      : value,
  Reply,
);

/**
 * Finds what time has made due, at most SWEEP_LIMIT of each kind; one process of the fleet gets an answer in each interval, the others nothing.
 * Also settles submissions that stopped half-way: with a BullMQ job they are complete, without one they are removed.
 * ARGV[1]: SweepArgs.
 */
export const sweepScript: Script<SweepArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodSweep',
  encode: asJson,
  reply: LuaReply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local found = {overdue = {}, vanished = {}, abandoned = {}, expired = {}}
local holder = redis.call('GET', P .. ':janitor')
if holder and holder ~= a.sweeper then return reply(found) end
redis.call('SET', P .. ':janitor', a.sweeper, 'PX', a.intervalMs)
local at = now()
local function due(name, before) return redis.call('ZRANGEBYSCORE', P .. ':' .. name, '-inf', before, 'LIMIT', 0, ${SWEEP_LIMIT}) end

for _, id in ipairs(due('deadlines', at)) do
  if redis.call('HGET', recordKey(id), 'state') == 'queued' then table.insert(found.overdue, id)
  else redis.call('ZREM', P .. ':deadlines', id) end
end

local function abandon(id)
  local job = redis.call('HMGET', recordKey(id), 'tenant', 'state', 'idempotency')
  forget(id)
  if not job[1] then return end
  count(job[2], job[1], -1)
  redis.call('DEL', recordKey(id), eventsKey(id), artifactsKey(id))
  redis.call('ZREM', P .. ':tenant:' .. job[1], id)
  if job[3] ~= '' then redis.call('DEL', idempotencyKey(job[1], job[3])) end
  table.insert(found.abandoned, id)
end
for _, id in ipairs(due('pending', at - a.submissionTimeoutMs)) do
  if redis.call('EXISTS', bull(id)) == 1 then
    redis.call('ZREM', P .. ':pending', id)
    redis.call('ZADD', P .. ':live', 'NX', at, id)
  else abandon(id) end
end

for _, id in ipairs(due('live', at - a.liveCheckMs)) do
  local state = redis.call('HGET', recordKey(id), 'state')
  if not state or state == 'ended' then forget(id)
  else
    redis.call('ZADD', P .. ':live', at, id)
    if redis.call('EXISTS', bull(id)) == 0 then table.insert(found.vanished, id) end
  end
end

for _, member in ipairs(due('expiries', at)) do
  local tenant, id = string.match(member, '^(%S+) (%S+)$')
  table.insert(found.expired, {tenant = tenant, jobId = id})
end
return reply(found)
`,
};
