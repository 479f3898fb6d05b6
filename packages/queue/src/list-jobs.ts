import { JobIdSchema, type JobState, type JobSummary } from '@fumehood/schema';
import { execPipeline } from './pipeline.js';
import type { QueueContext } from './queue-context.js';
import { asQueueError, QueueError } from './queue-error.js';
import { type JobRecord, parseRecord, recordFields, summaryOf } from './record.js';

export interface JobFilter {
  /** From the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly state?: JobState | undefined;
  readonly runtime?: string | undefined;
  /** `name`, or `name=value`. */
  readonly label?: string | undefined;
}

export interface JobPage {
  readonly jobs: JobSummary[];
  /** null when there is nothing older. A page may have fewer jobs than the limit, even none, and still a next one. */
  readonly nextCursor: string | null;
}

const CHUNK = 200;
/** Most records looked at for one page, so that a filter that matches little costs a bounded time. */
const MAX_SCANNED = 2_000;

/** The tenant's jobs, newest first. */
export async function listJobs(context: QueueContext, tenant: string, filter: JobFilter): Promise<JobPage> {
  if (filter.cursor !== undefined && !JobIdSchema.safeParse(filter.cursor).success) {
    throw new QueueError('cursor_invalid', 'The cursor is not one of ours');
  }
  const jobs: JobSummary[] = [];
  let cursor = filter.cursor;
  for (let scanned = 0; scanned < MAX_SCANNED; ) {
    const ids = await idsBefore(context, tenant, cursor);
    for (const record of await readRecords(context, ids)) {
      cursor = record.jobId;
      if (!matches(record, filter)) continue;
      jobs.push(summaryOf(record));
      if (jobs.length === filter.limit) return { jobs, nextCursor: cursor };
    }
    if (ids.length < CHUNK) return { jobs, nextCursor: null };
    cursor = ids.at(-1);
    scanned += ids.length;
  }
  return { jobs, nextCursor: cursor ?? null };
}

/** Ids sort by time, so an index of equal scores is an index by time. */
async function idsBefore(
  { redis, keys }: QueueContext,
  tenant: string,
  cursor: string | undefined,
): Promise<string[]> {
  const from = cursor === undefined ? '+' : `(${cursor}`;
  try {
    return await redis.zrange(keys.tenantJobs(tenant), from, '-', 'BYLEX', 'REV', 'LIMIT', 0, CHUNK);
  } catch (error) {
    throw asQueueError(error);
  }
}

/** The records that are still there, in the order of the ids. */
async function readRecords(
  { redis, keys }: QueueContext,
  ids: readonly string[],
): Promise<readonly JobRecord[]> {
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(...recordFields(keys, id));
  const answers = await execPipeline(pipeline);
  return ids.flatMap((id, index) => parseRecord(id, answers[index]) ?? []);
}

function matches(record: JobRecord, { state, runtime, label }: JobFilter): boolean {
  if (state !== undefined && record.state !== state) return false;
  if (runtime !== undefined && record.runtime !== runtime) return false;
  if (label === undefined) return true;
  const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(label) ?? [];
  const own = Object.hasOwn(record.labels, name) ? record.labels[name] : undefined;
  return own !== undefined && (value === undefined || own === value);
}
