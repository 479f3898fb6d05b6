import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

/**
 * Gives a held BullMQ job the first priority, so that it is next when BullMQ takes it back into its queue.
 * Its old priority counts from a base that may be gone. ARGV[1]: {jobId}.
 */
export const requeueScript: Script<{ readonly jobId: string }, true> = {
  name: 'fumehoodRequeue',
  encode: asJson,
  reply: z.literal(true),
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
if redis.call('EXISTS', bull(a.jobId)) == 1 then redis.call('HSET', bull(a.jobId), 'priority', 1) end
return reply(true)
`,
};
