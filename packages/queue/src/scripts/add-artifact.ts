import { z } from 'zod';
import { asJson, type Script } from '../script.js';
import { prelude } from './prelude.js';

interface AddArtifactArgs {
  readonly jobId: string;
  readonly attempt: number;
  readonly path: string;
  /** ArtifactEntry as JSON. */
  readonly entry: string;
}

const Reply = z.object({ status: z.enum(['added', 'fenced']) });

/** Lists a stored artifact with its job, if the attempt still decides about it. ARGV[1]: AddArtifactArgs. */
export const addArtifactScript: Script<AddArtifactArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodAddArtifact',
  encode: asJson,
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local job = redis.call('HMGET', recordKey(a.jobId), 'state', 'attempt')
local ours = (job[1] == 'assigned' or job[1] == 'running') and tonumber(job[2]) == a.attempt
if not ours then return reply({status = 'fenced'}) end
redis.call('HSET', artifactsKey(a.jobId), a.path, a.entry)
return reply({status = 'added'})
`,
};
