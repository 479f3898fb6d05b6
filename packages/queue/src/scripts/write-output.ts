import { z } from 'zod';
import type { Script } from '../script.js';
import { prelude } from './prelude.js';

export interface OutputEntry {
  readonly stream: 'stdout' | 'stderr';
  readonly offset: number;
  readonly bytes: number;
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

interface WriteOutputArgs {
  readonly jobId: string;
  readonly attempt: number;
  /** Counts the batches of an attempt from 1: a batch that a reconnecting client sends twice is written once. */
  readonly sequence: number;
  readonly maxBytes: number;
  readonly entries: readonly OutputEntry[];
}

const Reply = z.object({ status: z.enum(['written', 'fenced']) });

/**
 * Appends a batch of live output to the job's events. When all output there passes `maxBytes` the oldest of it is removed, never a state.
 * ARGV: {jobId, attempt, sequence, maxBytes}, then stream, offset, bytes, encoding and data of each entry.
 */
export const writeOutputScript: Script<WriteOutputArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodWriteOutput',
  encode: ({ entries, ...rest }) => [
    JSON.stringify(rest),
    ...entries.flatMap((entry) => [entry.stream, entry.offset, entry.bytes, entry.encoding, entry.data]),
  ],
  reply: Reply,
  lua: `${prelude}
local a = cjson.decode(ARGV[1])
local key, events = recordKey(a.jobId), eventsKey(a.jobId)
local job = redis.call('HMGET', key, 'state', 'attempt', 'liveSequence', 'liveBytes', 'liveTrimmed')
local ours = (job[1] == 'assigned' or job[1] == 'running') and tonumber(job[2]) == a.attempt
if not ours then return reply({status = 'fenced'}) end
if tonumber(job[3]) >= a.sequence then return reply({status = 'written'}) end

-- What an entry costs beyond its data, roughly: a program that writes single bytes is bounded too.
local OVERHEAD = 100
local at, held = now(), tonumber(job[4] or 0)
for i = 2, #ARGV, 5 do
  local data = ARGV[i + 4]
  redis.call('XADD', events, '*', 'type', ARGV[i], 'at', at, 'offset', ARGV[i + 1], 'bytes', ARGV[i + 2], 'encoding', ARGV[i + 3], 'data', data)
  held = held + #data + OVERHEAD
end

local trimmed = job[5] or '0'
while held > a.maxBytes do
  local oldest = redis.call('XRANGE', events, '(' .. trimmed, '+', 'COUNT', 20)
  if #oldest == 0 then break end
  for _, entry in ipairs(oldest) do
    if held <= a.maxBytes then break end
    trimmed = entry[1]
    if entry[2][2] ~= 'state' then
      redis.call('XDEL', events, trimmed)
      held = held - #entry[2][12] - OVERHEAD
    end
  end
end
redis.call('HSET', key, 'liveSequence', a.sequence, 'liveBytes', held, 'liveTrimmed', trimmed)
redis.call('PUBLISH', P .. ':notify:' .. a.jobId, 'output')
return reply({status = 'written'})
`,
};
