import { z } from 'zod';
import { execPipeline } from './pipeline.js';
import type { QueueContext } from './queue-context.js';
import { asQueueError, QueueError } from './queue-error.js';
import { appendAuditScript } from './scripts/append-audit.js';

/** The last link of a writer's chain, signed; the shape is packages/audit's. */
export interface AuditStoreHead {
  readonly writer: string;
  readonly sequence: number;
  readonly hash: string;
  readonly signature: string;
}

/** What packages/audit needs of a store; the two know each other by structure only. */
export interface RedisAuditStore {
  /** Event and head, both or none. Throws QueueError `corrupt` when the writer already has another event of that number. */
  append(event: { readonly writer: string; readonly sequence: number }, head: AuditStoreHead): Promise<void>;
  head(writer: string): Promise<AuditStoreHead | undefined>;
  /** Every event in the order of the stream; what is not JSON comes as the text that is there. */
  read(writer: string): AsyncIterable<unknown>;
  writers(): Promise<readonly string[]>;
}

const PAGE = 500;
const HeadSchema = z.object({
  writer: z.string(),
  sequence: z.number(),
  hash: z.string(),
  signature: z.string(),
});
const PageSchema = z.tuple([z.array(z.tuple([z.string(), z.array(z.string())]))]);

/** Audit logs as Redis streams, one per writer, never trimmed. */
export function createAuditStore({
  redis,
  keys,
  run,
}: Pick<QueueContext, 'redis' | 'keys' | 'run'>): RedisAuditStore {
  return {
    async append(event, head) {
      const { writer, sequence } = event;
      const args = { writer, sequence, event: JSON.stringify(event), head: JSON.stringify(head) };
      const { status } = await run(appendAuditScript, args);
      if (status === 'conflict')
        throw new QueueError('corrupt', `${writer} already has another event ${sequence}`);
    },

    async head(writer) {
      const [text] = await execPipeline(redis.pipeline().get(keys.auditHead(writer)));
      return typeof text === 'string' ? HeadSchema.parse(parseJson(text)) : undefined;
    },

    async *read(writer) {
      for (let last = '-'; ; ) {
        const [page] = PageSchema.parse(
          await execPipeline(redis.pipeline().xrange(keys.audit(writer), last, '+', 'COUNT', PAGE)),
        );
        for (const [id, fields] of page) {
          yield parseJson(fields[1] ?? '');
          last = `(${id}`;
        }
        if (page.length < PAGE) return;
      }
    },

    async writers() {
      try {
        return (await redis.smembers(keys.auditWriters)).sort();
      } catch (error) {
        throw asQueueError(error);
      }
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
