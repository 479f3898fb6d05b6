import { z } from 'zod';
import { IsolationSchema } from './isolation.js';
import { LimitsSchema } from './limits.js';
import {
  DigestSchema,
  JobIdSchema,
  RuntimeNameSchema,
  TenantNameSchema,
  TimestampSchema,
  WorkerIdSchema,
} from './names.js';
import { OutcomeSchema } from './outcome.js';

const bytes = z.number().int().min(0);
const ms = z.number().min(0);

/**
 * One output stream of a job: its beginning and its end. `head` and `tail` do not overlap; when nothing was left out
 * `omittedBytes` is 0 and `head` holds everything. When something was, `artifact` names the file with all of it.
 */
export const OutputSchema = z.strictObject({
  encoding: z
    .enum(['utf8', 'base64'])
    .describe('utf8: head and tail are text; base64: the stream is not valid UTF-8'),
  head: z.string(),
  tail: z.string(),
  totalBytes: bytes.describe('Bytes that the job wrote, up to its limit'),
  omittedBytes: bytes.describe('Bytes between head and tail'),
  artifact: z
    .string()
    .optional()
    .describe('Artifact path of the whole stream, when head and tail do not hold it'),
});
export type Output = z.infer<typeof OutputSchema>;

export const ArtifactSchema = z.strictObject({
  path: z.string(),
  bytes,
  digest: DigestSchema,
});
export type Artifact = z.infer<typeof ArtifactSchema>;

/** Why a file that matched was not collected. */
export const SKIP_REASONS = [
  'not_regular',
  'link',
  'count_limit',
  'bytes_limit',
  'path',
  'changed',
  'unreadable',
] as const;
export const SkippedArtifactSchema = z.strictObject({ path: z.string(), reason: z.enum(SKIP_REASONS) });
export type SkippedArtifact = z.infer<typeof SkippedArtifactSchema>;

/** What the job used, read from the cgroup on the host. A counter that the host's kernel does not offer is null. */
export const UsageSchema = z.strictObject({
  wallTimeMs: ms,
  cpuTimeMs: ms,
  cpuUserMs: ms.nullable(),
  cpuSystemMs: ms.nullable(),
  memoryPeakBytes: bytes.nullable(),
  oomKills: z.number().int().nullable(),
  pidsPeak: z.number().int().nullable(),
  pidsRefusals: z.number().int().nullable().describe('How often fork or clone was refused at the pids limit'),
  throttledMs: ms.nullable(),
  throttledPeriods: z.number().int().nullable(),
});
export type Usage = z.infer<typeof UsageSchema>;

/** When each phase was reached; null when it was not. */
export const TimingsSchema = z.strictObject({
  submittedAt: TimestampSchema,
  claimedAt: TimestampSchema.nullable().describe('A worker took the job'),
  acquiredAt: TimestampSchema.nullable().describe('The sandbox was ready'),
  startedAt: TimestampSchema.nullable().describe('The command began'),
  firstOutputAt: TimestampSchema.nullable(),
  finishedAt: TimestampSchema.describe('The outcome was decided'),
  phasesMs: z
    .strictObject({
      queue: ms.nullable(),
      acquire: ms.nullable(),
      files: ms.nullable(),
      run: ms.nullable(),
      collect: ms.nullable(),
    })
    .describe('How long each phase took on one clock, in milliseconds'),
});
export type Timings = z.infer<typeof TimingsSchema>;

/** The evidence of a run; null in a result whose job never ran. */
export const EvidenceSchema = z.strictObject({
  exit: z
    .strictObject({ code: z.number().int().nullable(), signal: z.string().nullable() })
    .nullable()
    .describe(
      'How the main process really ended, whatever the outcome says; null when it was not seen to end',
    ),
  usage: UsageSchema,
  limits: LimitsSchema,
  isolation: IsolationSchema,
  imageDigest: DigestSchema,
  policy: z.strictObject({ name: z.string(), digest: DigestSchema }),
  workerId: WorkerIdSchema,
  sandboxId: z.string(),
});
export type Evidence = z.infer<typeof EvidenceSchema>;

/** How a job ended, and all that is known of it. Written once. */
export const ResultSchema = z.strictObject({
  jobId: JobIdSchema,
  tenant: TenantNameSchema,
  runtime: RuntimeNameSchema,
  attempt: z.number().int().min(0).describe('Which attempt ended the job; 0 when none began'),
  outcome: OutcomeSchema,
  hint: z.string().describe('One sentence that a person or a model can act on'),
  stdout: OutputSchema,
  stderr: OutputSchema,
  artifacts: z.array(ArtifactSchema),
  skippedArtifacts: z.array(SkippedArtifactSchema),
  timings: TimingsSchema,
  evidence: EvidenceSchema.nullable(),
});
export type Result = z.infer<typeof ResultSchema>;
