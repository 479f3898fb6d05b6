import { z } from 'zod';
import type { Script } from '../script.js';
import { prelude } from './prelude.js';

interface CancelArgs {
  readonly tenant: string;
  readonly jobId: string;
  /** The Result as JSON, in case the job is still queued. */
  readonly result: string;
  readonly token: string;
}

const Reply = z.object({ status: z.enum(['canceled', 'requested', 'ended', 'unknown']) });

/**
 * Ends a queued job as canceled; of one that a worker has, records the wish and tells the workers. They also find the
 * wish in the record when they renew their locks, so a missed message loses nothing. ARGV: {tenant, jobId, token} as JSON, the result.
 */
export const cancelScript: Script<CancelArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodCancel',
  encode: ({ result, ...rest }) => [JSON.stringify(rest), result],
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local job = redis.call('HMGET', recordKey(a.jobId), 'tenant', 'state', 'endToken')
if job[1] ~= a.tenant then return reply({status = 'unknown'}) end
if job[2] == 'ended' then return reply({status = job[3] == a.token and 'canceled' or 'ended'}) end
redis.call('HSET', recordKey(a.jobId), 'cancelRequested', 1)
redis.call('PUBLISH', P .. ':cancel', a.jobId)
if job[2] ~= 'queued' then return reply({status = 'requested'}) end
endJob(a.jobId, 'canceled', ARGV[2], a.token)
return reply({status = 'canceled'})
`,
};
