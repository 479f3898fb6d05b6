import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { fairness } from './fairness.js';
import { prelude } from './prelude.js';

interface RetryArgs {
  readonly jobId: string;
  readonly attempt: number;
  /** Whether our side failed; false when a worker only shuts down. */
  readonly failed: boolean;
  readonly maxFailures: number;
}

const Reply = z.object({ status: z.enum(['queued', 'exhausted', 'fenced']), failures: z.number() });

/**
 * Hands an attempt that has not begun back: assigned → queued. `exhausted`: it failed too often and is still assigned; end it.
 * ARGV[1]: RetryArgs. The tag becomes the present virtual time, so that a job from before a fresh start of it upsets nothing.
 */
export const retryScript: Script<RetryArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodRetry',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}${fairness}
local a = cjson.decode(ARGV[1])
local key = recordKey(a.jobId)
local job = redis.call('HMGET', key, 'tenant', 'state', 'attempt', 'failures', 'deadlineAt', 'handedBack')
local failures = tonumber(job[4] or 0)
if tonumber(job[3] or -1) ~= a.attempt then return reply({status = 'fenced', failures = failures}) end
if job[2] == 'queued' and job[6] == tostring(a.attempt) then return reply({status = 'queued', failures = failures}) end
if job[2] ~= 'assigned' then return reply({status = 'fenced', failures = failures}) end
if a.failed then
  failures = failures + 1
  if failures >= a.maxFailures then return reply({status = 'exhausted', failures = failures}) end
end
redis.call('HSET', key, 'failures', failures, 'handedBack', a.attempt, 'tag', (virtualTime()))
redis.call('HDEL', key, 'workerId', 'claimedAt')
redis.call('ZADD', P .. ':deadlines', job[5], a.jobId)
move(a.jobId, job[1], 'assigned', 'queued', a.attempt, now())
return reply({status = 'queued', failures = failures})
`,
};
