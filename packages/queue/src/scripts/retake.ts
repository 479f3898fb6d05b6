import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

interface RetakeArgs {
  readonly jobId: string;
  readonly attempt: number;
  readonly token: string;
  readonly lockDurationMs: number;
}

/**
 * Takes a lock again that ran out while Redis was away, provided that nobody else took the job: it is still active, unlocked, and of our
 * attempt. Locks are BullMQ's; it has no such operation, since for it a lock that ran out is a job to run again. ARGV[1]: RetakeArgs.
 */
export const retakeScript: Script<RetakeArgs, { retaken: boolean }> = {
  name: 'fumehoodRetake',
  encode: asJson,
  reply: z.object({ retaken: z.boolean() }),
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local lock = bull(a.jobId) .. ':lock'
local holder = redis.call('GET', lock)
if holder then return reply({retaken = holder == a.token}) end
local job = redis.call('HMGET', recordKey(a.jobId), 'state', 'attempt')
local ours = (job[1] == 'assigned' or job[1] == 'running') and tonumber(job[2]) == a.attempt
if not ours or not redis.call('LPOS', bull('active'), a.jobId) then return reply({retaken = false}) end
redis.call('SET', lock, a.token, 'PX', a.lockDurationMs)
redis.call('SREM', bull('stalled'), a.jobId)
return reply({retaken = true})
`,
};
