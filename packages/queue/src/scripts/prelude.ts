/**
 * Lua that the scripts share: key names (as in keys.ts), the clock, and the only functions that change a job's state.
 * Redis's clock is the one clock of the queue, so that the clocks of hosts do not matter.
 */
export const prelude = `
local P = KEYS[1]
local function recordKey(id) return P .. ':record:' .. id end
local function eventsKey(id) return P .. ':events:' .. id end
local function artifactsKey(id) return P .. ':artifacts:' .. id end
local function idempotencyKey(tenant, hash) return P .. ':idempotency:' .. tenant .. ':' .. hash end
local function bull(name) return P .. ':jobs:' .. name end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Keeps the numbers of jobs by state, and of queued jobs by tenant. A tenant with none queued has no fair tag to remember.
local function count(state, tenant, by)
  if state == 'ended' then return end
  redis.call('HINCRBY', P .. ':counts', state, by)
  if state == 'queued' and redis.call('HINCRBY', P .. ':queued', tenant, by) <= 0 then
    redis.call('HDEL', P .. ':queued', tenant)
    redis.call('HDEL', P .. ':tags', tenant .. ' interactive', tenant .. ' batch')
  end
end

local function announce(id, state, attempt, at)
  redis.call('XADD', eventsKey(id), '*', 'type', 'state', 'at', at, 'state', state, 'attempt', attempt)
  redis.call('PUBLISH', P .. ':notify:' .. id, state)
end

local function move(id, tenant, from, to, attempt, at)
  redis.call('HSET', recordKey(id), 'state', to)
  count(from, tenant, -1)
  count(to, tenant, 1)
  announce(id, to, attempt, at)
end

local function forget(id)
  redis.call('ZREM', P .. ':live', id)
  redis.call('ZREM', P .. ':deadlines', id)
  redis.call('ZREM', P .. ':pending', id)
end

-- The one place that gives a job its result. Retention begins here; keys also get a time to live, ten minutes
-- beyond, in case that nobody is there to sweep.
local function endJob(id, outcome, result, token)
  local at = now()
  local record = redis.call('HMGET', recordKey(id), 'state', 'tenant', 'attempt', 'retentionMs', 'idempotency')
  redis.call('HSET', recordKey(id), 'outcome', outcome, 'result', result, 'endedAt', at, 'endToken', token)
  move(id, record[2], record[1], 'ended', record[3], at)
  forget(id)
  redis.call('XADD', eventsKey(id), '*', 'type', 'result', 'at', at)
  redis.call('PUBLISH', P .. ':notify:' .. id, 'result')
  local until_ = at + tonumber(record[4])
  redis.call('ZADD', P .. ':expiries', until_, record[2] .. ' ' .. id)
  local backstop = until_ + 600000
  redis.call('PEXPIREAT', recordKey(id), backstop)
  redis.call('PEXPIREAT', eventsKey(id), backstop)
  redis.call('PEXPIREAT', artifactsKey(id), backstop)
  if record[5] ~= '' then redis.call('PEXPIREAT', idempotencyKey(record[2], record[5]), backstop) end
end

local function reply(value) return cjson.encode(value) end
`;
