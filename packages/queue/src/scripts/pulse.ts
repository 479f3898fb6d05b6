import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

interface HeldJob {
  readonly jobId: string;
  /** 0 while the job is held and not claimed. */
  readonly attempt: number;
}

const Reply = z.array(z.enum(['ours', 'canceled', 'fenced']));

/** Says of each held job whether it is still the worker's, and still wanted. ARGV[1]: a list of HeldJob, not empty. */
export const pulseScript: Script<readonly HeldJob[], z.infer<typeof Reply>> = {
  name: 'fumehoodPulse',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}
local answer = {}
for index, held in ipairs(cjson.decode(ARGV[1])) do
  local job = redis.call('HMGET', recordKey(held.jobId), 'state', 'attempt', 'cancelRequested')
  if held.attempt > 0 and (job[1] == 'ended' or tonumber(job[2] or -1) ~= held.attempt) then answer[index] = 'fenced'
  elseif job[3] or job[1] == 'ended' then answer[index] = 'canceled'
  else answer[index] = 'ours' end
end
return reply(answer)
`,
};
