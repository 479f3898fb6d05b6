import { z } from 'zod';
import { IsolationTierSchema } from './isolation.js';
import { DigestSchema, JobIdSchema, RuntimeNameSchema, TimestampSchema, WorkerIdSchema } from './names.js';

const Resources = z.strictObject({
  cpus: z.number().min(0),
  memoryBytes: z.number().int().min(0),
});

/** What a worker says of itself every few seconds; it is gone from the registry when it stops saying it. */
export const WorkerHeartbeatSchema = z.strictObject({
  workerId: WorkerIdSchema,
  host: z.string(),
  version: z.string(),
  state: z.enum(['starting', 'ready', 'draining', 'degraded']),
  startedAt: TimestampSchema,
  at: TimestampSchema,
  driver: z.string(),
  isolation: z.array(IsolationTierSchema),
  egress: z.boolean(),
  runtimes: z.record(RuntimeNameSchema, DigestSchema),
  capacity: Resources,
  committed: Resources,
  running: z.array(JobIdSchema),
  finished: z.number().int().min(0).describe('Jobs ended by this worker since its start'),
});
export type WorkerHeartbeat = z.infer<typeof WorkerHeartbeatSchema>;
