import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

interface DropArgs {
  readonly tenant: string;
  readonly jobId: string;
}

const Reply = z.object({ status: z.enum(['dropped', 'not_ended', 'unknown']) });

/** Forgets an ended job: record, events, artifact list, indexes, idempotency key. ARGV[1]: DropArgs. */
export const dropScript: Script<DropArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodDrop',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local job = redis.call('HMGET', recordKey(a.jobId), 'tenant', 'state', 'idempotency')
if job[1] and job[1] ~= a.tenant then return reply({status = 'unknown'}) end
if job[1] and job[2] ~= 'ended' then return reply({status = 'not_ended'}) end
redis.call('DEL', recordKey(a.jobId), eventsKey(a.jobId), artifactsKey(a.jobId))
redis.call('ZREM', P .. ':tenant:' .. a.tenant, a.jobId)
redis.call('ZREM', P .. ':expiries', a.tenant .. ' ' .. a.jobId)
if not job[1] then return reply({status = 'unknown'}) end
local idempotency = idempotencyKey(a.tenant, job[3])
if job[3] ~= '' and redis.call('GET', idempotency) == a.jobId then redis.call('DEL', idempotency) end
redis.call('PUBLISH', P .. ':notify:' .. a.jobId, 'dropped')
return reply({status = 'dropped'})
`,
};
