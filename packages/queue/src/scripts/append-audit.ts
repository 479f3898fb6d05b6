import { z } from 'zod';
import type { Script } from '../script.js';
import { prelude } from './prelude.js';

interface AppendAuditArgs {
  readonly writer: string;
  readonly sequence: number;
  /** JSON. */
  readonly event: string;
  /** JSON. */
  readonly head: string;
}

const Reply = z.object({ status: z.enum(['appended', 'conflict']) });

/**
 * Appends one audit event and sets the writer's head, together. The event's stream id is its sequence number, so that an event sent
 * twice is there once, and another event of the same number is a conflict. ARGV: writer, sequence, event, head.
 */
export const appendAuditScript: Script<AppendAuditArgs, z.infer<typeof Reply>> = {
  name: 'fumehoodAppendAudit',
  encode: (args) => [args.writer, args.sequence, args.event, args.head],
  reply: Reply,
  lua: `${prelude}
local stream, id = P .. ':audit:' .. ARGV[1], '0-' .. (ARGV[2] + 1)
local there = redis.call('XRANGE', stream, id, id)
if #there > 0 then return reply({status = there[1][2][2] == ARGV[3] and 'appended' or 'conflict'}) end
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
if #last > 0 and tonumber(string.match(last[1][1], '-(%d+)$')) > tonumber(ARGV[2]) then return reply({status = 'conflict'}) end
redis.call('XADD', stream, id, 'event', ARGV[3])
redis.call('SET', P .. ':audit-head:' .. ARGV[1], ARGV[4])
redis.call('SADD', P .. ':audit-writers', ARGV[1])
return reply({status = 'appended'})
`,
};
