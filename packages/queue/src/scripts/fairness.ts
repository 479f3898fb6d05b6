import type { QueueTuning } from '../tuning.js';

export type FairnessTuning = Pick<QueueTuning, 'maxPriority' | 'rebaseAt' | 'batchOffset'>;

/**
 * Lua of the fair order between tenants: start-time fair queueing, carried by BullMQ's priorities.
 *
 * A job's tag is max(virtual time, its flow's last tag) + step, where step is 8 / weight and a flow is a tenant's lane; virtual time is
 * the highest tag of a job that a worker started. Tags are absolute; a priority is the tag's distance from a base, because BullMQ's
 * priorities end at 2^21. Batch jobs stand a fixed distance behind: they wait while fresher interactive work exists, and no longer than
 * virtual time takes to cover that distance. What would pass the highest priority is clamped to it, first come first served there.
 */
export const fairness = `
local function priorityOf(tag, lane, base, tuning)
  local offset = lane == 'batch' and tuning.batchOffset or 0
  return math.max(1, math.min(tuning.maxPriority, math.floor(tag - base) + offset + 1))
end

local function virtualTime()
  local fair = redis.call('HMGET', P .. ':fair', 'virtual', 'base')
  return tonumber(fair[1]) or 0, tonumber(fair[2]) or 0
end

-- The next tag of a flow. Virtual time starts anew when no job is queued.
local function takeTag(tenant, lane, step)
  if tonumber(redis.call('HGET', P .. ':counts', 'queued') or 0) <= 0 then redis.call('DEL', P .. ':fair', P .. ':tags') end
  local virtual, base = virtualTime()
  local last = tonumber(redis.call('HGET', P .. ':tags', tenant .. ' ' .. lane)) or 0
  local tag = math.max(virtual, last) + step
  redis.call('HSET', P .. ':tags', tenant .. ' ' .. lane, tag)
  return tag, base
end

-- BullMQ's score is the priority, and below it a counter that keeps equals in the order of their coming.
local function withPriority(score, priority) return priority * 4294967296 + score % 4294967296 end

-- Gives every prioritized job its priority from a new base. Priorities only fall, so walking by rank meets each job once.
local function rebase(base, tuning)
  redis.call('HSET', P .. ':fair', 'base', base)
  local set, rank = bull('prioritized'), 0
  while true do
    local page = redis.call('ZRANGE', set, rank, rank + 499, 'WITHSCORES')
    if #page == 0 then return end
    for i = 1, #page, 2 do
      local id, score = page[i], tonumber(page[i + 1])
      local job = redis.call('HMGET', recordKey(id), 'tag', 'lane')
      if job[1] then
        local priority = math.min(math.floor(score / 4294967296), priorityOf(tonumber(job[1]), job[2], base, tuning))
        redis.call('ZADD', set, withPriority(score, priority), id)
        redis.call('HSET', bull(id), 'priority', priority)
      end
    end
    rank = rank + #page / 2
  end
end

-- A job of this tag was started.
local function advance(tag, tuning)
  local virtual, base = virtualTime()
  if tag <= virtual then return end
  redis.call('HSET', P .. ':fair', 'virtual', tag)
  if tag - base >= tuning.rebaseAt then rebase(math.floor(tag), tuning) end
end
`;
