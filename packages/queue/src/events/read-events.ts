import { type JobEvent, JobEventSchema, type Result } from '@fumehood/schema';
import { z } from 'zod';
import { execPipeline } from '../pipeline.js';
import type { QueueContext } from '../queue-context.js';
import { QueueError } from '../queue-error.js';
import { parseResult } from '../record.js';
import { timestamp } from '../timestamp.js';
import { follow } from './follow.js';

export interface StoredEvent {
  /** For `after`: where to go on. */
  readonly id: string;
  readonly event: JobEvent;
}

/** Entries read at once: an entry holds up to 32 KiB of output, so this also bounds a reader's memory. */
const PAGE_ENTRIES = 16;
const ID = /^\d{1,20}-\d{1,20}$/;

const EntriesSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/**
 * A job's events from the beginning, or after an id, then as they come; ends after `result`. Nothing is read ahead of the consumer.
 * Throws QueueError `job_unknown` for a job that the tenant does not have, and `signal.reason`. While Redis is away it waits.
 */
export async function* readEvents(
  context: QueueContext,
  tenant: string,
  jobId: string,
  { after, signal }: { readonly after?: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<StoredEvent> {
  if (after !== undefined && !ID.test(after))
    throw new QueueError('cursor_invalid', 'The event id is not one of ours');
  using watch = await context.notifications.watch(context.keys.notifyChannel(jobId));
  let last = after ?? '-';
  for (;;) {
    const page = await follow(watch, signal, () => readPage(context, tenant, jobId, last));
    for (const stored of page) {
      signal.throwIfAborted();
      yield stored;
      last = stored.id;
      if (stored.event.type === 'result') return;
    }
    if (page.length === 0) return;
  }
}

/** The next events; an empty page when there will be none any more; undefined when there are none yet. */
async function readPage(
  { redis, keys }: QueueContext,
  tenant: string,
  jobId: string,
  last: string,
): Promise<readonly StoredEvent[] | undefined> {
  const [record, entries] = await execPipeline(
    redis
      .pipeline()
      .hmget(keys.record(jobId), 'tenant', 'state')
      .xrange(keys.events(jobId), last === '-' ? '-' : `(${last}`, '+', 'COUNT', PAGE_ENTRIES),
  );
  const [owner, state] = z.tuple([z.string().nullable(), z.string().nullable()]).parse(record);
  if (owner !== tenant) {
    if (last === '-') throw new QueueError('job_unknown', `There is no job ${jobId}`);
    return [];
  }
  const page = EntriesSchema.parse(entries);
  if (page.length === 0) return state === 'ended' ? [] : undefined;
  const result = page.some(([, fields]) => fields[1] === 'result')
    ? await readResult(redis, keys, jobId)
    : undefined;
  return page.flatMap(([id, fields]) => {
    const event = eventOf(fields, result);
    return event === undefined ? [] : [{ id, event }];
  });
}

async function readResult(
  redis: QueueContext['redis'],
  keys: QueueContext['keys'],
  jobId: string,
): Promise<Result | undefined> {
  const [text] = await execPipeline(redis.pipeline().hget(keys.record(jobId), 'result'));
  return typeof text === 'string' ? parseResult(jobId, text) : undefined;
}

/** An event from the fields of its stream entry. The result itself is kept once, in the record. */
function eventOf(flat: readonly string[], result: Result | undefined): JobEvent | undefined {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) fields[flat[index] ?? ''] = flat[index + 1] ?? '';
  const { type, at, ...rest } = fields;
  if (type === 'result' && result === undefined) return undefined;
  const numbers = Object.fromEntries(
    ['attempt', 'offset', 'bytes'].flatMap((name) =>
      rest[name] === undefined ? [] : [[name, Number(rest[name])]],
    ),
  );
  return JobEventSchema.parse({
    type,
    at: timestamp(Number(at)),
    ...rest,
    ...numbers,
    ...(type === 'result' ? { result } : {}),
  });
}
