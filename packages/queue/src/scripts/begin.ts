import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

const Reply = z.object({ status: z.enum(['begun', 'canceled', 'fenced']), nowMs: z.number() });

/** The command is about to start: assigned → running, if the attempt still decides about the job. ARGV[1]: {jobId, attempt}. */
export const beginScript: Script<
  { readonly jobId: string; readonly attempt: number },
  z.infer<typeof Reply>
> = {
  name: 'fumehoodBegin',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local key = recordKey(a.jobId)
local job = redis.call('HMGET', key, 'tenant', 'state', 'attempt', 'cancelRequested')
local at = now()
if tonumber(job[3] or -1) ~= a.attempt then return reply({status = 'fenced', nowMs = at}) end
if job[2] == 'running' then return reply({status = 'begun', nowMs = at}) end
if job[2] ~= 'assigned' then return reply({status = 'fenced', nowMs = at}) end
if job[4] then return reply({status = 'canceled', nowMs = at}) end
redis.call('HSET', key, 'began', a.attempt, 'startedAt', at)
move(a.jobId, job[1], 'assigned', 'running', a.attempt, at)
return reply({status = 'begun', nowMs = at})
`,
};
