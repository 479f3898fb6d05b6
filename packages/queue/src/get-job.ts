import { type Job, JobSchema } from '@fumehood/schema';
import { execPipeline } from './pipeline.js';
import { askPosition, parsePosition } from './position.js';
import type { QueueContext } from './queue-context.js';
import { parseRecord, parseResult, recordFields, summaryOf } from './record.js';

/** A job of the tenant; undefined for one that never was, is no longer kept, or is another tenant's. One round trip. */
export async function getJob(
  { redis, keys }: QueueContext,
  tenant: string,
  jobId: string,
): Promise<Job | undefined> {
  const pipeline = redis
    .pipeline()
    .hmget(...recordFields(keys, jobId))
    .hget(keys.record(jobId), 'result');
  const [fields, result, ...standing] = await execPipeline(askPosition(pipeline, keys, jobId));
  const record = parseRecord(jobId, fields);
  if (record?.tenant !== tenant) return undefined;
  return JobSchema.parse({
    ...summaryOf(record),
    queue: record.state === 'queued' ? parsePosition(standing) : null,
    result: typeof result === 'string' ? parseResult(jobId, result) : null,
  });
}
