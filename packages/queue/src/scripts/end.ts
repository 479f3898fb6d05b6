import { z } from 'zod';
import type { Script } from '../script.js';
import { prelude } from './prelude.js';

interface EndArgs {
  readonly jobId: string;
  /**
   * Who may end it: an attempt, as long as no later one was claimed and it was not handed back;
   * `queued`, whoever sees it still queued; `live`, whoever sees it not ended.
   */
  readonly by: number | 'queued' | 'live';
  readonly outcome: string;
  /** The Result as JSON. */
  readonly result: string;
  /** New for each call that is not a repetition: tells the repetition of an accepted call from another call. */
  readonly token: string;
}

const Reply = z.object({ status: z.enum(['accepted', 'refused']) });

/** Gives a job its result: exactly one is ever accepted. ARGV: {jobId, by, outcome, token} as JSON, the result. */
export const endScript: Script<EndArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodEnd',
  encode: ({ result, ...rest }) => [JSON.stringify(rest), result],
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local job = redis.call('HMGET', recordKey(a.jobId), 'state', 'attempt', 'endToken')
local state = job[1]
if state == 'ended' and job[3] == a.token then return reply({status = 'accepted'}) end
if not state or state == 'ended' then return reply({status = 'refused'}) end
local may
if a.by == 'live' then may = true
elseif a.by == 'queued' then may = state == 'queued'
else may = tonumber(job[2]) == a.by and redis.call('HGET', recordKey(a.jobId), 'handedBack') ~= tostring(a.by) end
if not may then return reply({status = 'refused'}) end
endJob(a.jobId, a.outcome, ARGV[2], a.token)
return reply({status = 'accepted'})
`,
};
