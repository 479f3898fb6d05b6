import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { type FairnessTuning, fairness } from './fairness.js';
import { prelude } from './prelude.js';

interface AddedArgs {
  readonly jobId: string;
  /** The base that the job's priority was reckoned from. */
  readonly base: number;
  readonly tuning: FairnessTuning;
}

/** Where a job stands: jobs before it, and the smoothed time between two starts, null when there is none to go by. */
const PositionReply = z.object({ position: z.number(), intervalMs: z.number().nullable() });
const Reply = z.discriminatedUnion('status', [
  z.object({ status: z.literal('added'), ...PositionReply.shape }),
  z.object({ status: z.literal('gone') }).describe('The janitor removed the record meanwhile'),
]);

/**
 * Says that a job's BullMQ job was added: the submission is complete. Sent in one pipeline behind BullMQ's own script.
 * A priority from before a rebase is set right. ARGV[1]: AddedArgs.
 */
export const addedScript: Script<AddedArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodAdded',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}${fairness}
local a = cjson.decode(ARGV[1])
local job = redis.call('HMGET', recordKey(a.jobId), 'state', 'tag', 'lane')
if not job[1] then return reply({status = 'gone'}) end
redis.call('ZREM', P .. ':pending', a.jobId)
if job[1] ~= 'ended' then redis.call('ZADD', P .. ':live', 'NX', now(), a.jobId) end

local set = bull('prioritized')
local score = redis.call('ZSCORE', set, a.jobId)
local virtual, base = virtualTime()
if score and base ~= a.base then
  local priority = priorityOf(tonumber(job[2]), job[3], base, a.tuning)
  redis.call('ZADD', set, withPriority(tonumber(score), priority), a.jobId)
  redis.call('HSET', bull(a.jobId), 'priority', priority)
end
local rank = score and redis.call('ZRANK', set, a.jobId) or 0
return reply({
  status = 'added', position = rank + redis.call('LLEN', bull('wait')),
  intervalMs = tonumber(redis.call('HGET', P .. ':rate', 'intervalMs')) or cjson.null,
})
`,
};
