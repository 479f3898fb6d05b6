import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

/**
 * The active BullMQ job that is locked with a token. For a job whose data BullMQ's client could not even parse:
 * it was fetched, and the error does not say which it was. ARGV[1]: {token}.
 */
export const heldUnderScript: Script<{ readonly token: string }, { jobId: string | null }> = {
  name: 'fumehoodHeldUnder',
  encode: asJson,
  reply: z.object({ jobId: z.string().nullable() }),
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
for _, id in ipairs(redis.call('LRANGE', bull('active'), 0, -1)) do
  if redis.call('GET', bull(id) .. ':lock') == a.token then return reply({jobId = id}) end
end
return reply({jobId = cjson.null})
`,
};
