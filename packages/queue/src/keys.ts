import { createHash } from 'node:crypto';

const PREFIX = /^\{[a-z0-9][a-z0-9_.-]{0,31}\}$/;
export const DEFAULT_PREFIX = '{fumehood}';
/** The one BullMQ queue; its keys are `<prefix>:jobs:…`. */
export const QUEUE_NAME = 'jobs';

/** Whether keys under this prefix all hash to one slot, which the scripts need in Redis Cluster. */
export const isPrefix = (prefix: string): boolean => PREFIX.test(prefix);

/** The names of our keys. The Lua in scripts/prelude.ts spells the same names; README.md has the table. */
export function createKeys(prefix: string) {
  return {
    prefix,
    bull: (name: string) => `${prefix}:${QUEUE_NAME}:${name}`,
    record: (jobId: string) => `${prefix}:record:${jobId}`,
    events: (jobId: string) => `${prefix}:events:${jobId}`,
    artifacts: (jobId: string) => `${prefix}:artifacts:${jobId}`,
    request: (jobId: string) => `${prefix}:request:${jobId}`,
    /** An artifact's content. The path is hashed, so that no character of it means anything in a key. */
    blob: (jobId: string, attempt: number, path: string) =>
      `${prefix}:blob:${jobId}:${attempt}:${createHash('sha256').update(path).digest('hex')}`,
    tenantJobs: (tenant: string) => `${prefix}:tenant:${tenant}`,
    counts: `${prefix}:counts`,
    queuedByTenant: `${prefix}:queued`,
    rate: `${prefix}:rate`,
    deadLetters: `${prefix}:dead-letters`,
    worker: (workerId: string) => `${prefix}:worker:${workerId}`,
    workers: `${prefix}:workers`,
    audit: (writer: string) => `${prefix}:audit:${writer}`,
    auditHead: (writer: string) => `${prefix}:audit-head:${writer}`,
    auditWriters: `${prefix}:audit-writers`,
    /** Pub/sub channels, not keys. */
    notifyChannel: (jobId: string) => `${prefix}:notify:${jobId}`,
    cancelChannel: `${prefix}:cancel`,
  } as const;
}
export type Keys = ReturnType<typeof createKeys>;
