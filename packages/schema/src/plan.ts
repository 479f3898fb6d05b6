import { z } from 'zod';
import { EgressRuleSchema } from './egress-rule.js';
import { IsolationTierSchema } from './isolation.js';
import { LANES } from './job-request.js';
import { LimitsSchema } from './limits.js';
import { DigestSchema, PolicyNameSchema, RuntimeNameSchema } from './names.js';

/**
 * All that can be prepared before the job is known. Equal profiles are interchangeable: a sandbox made for one serves the other.
 */
export const ProfileSchema = z.strictObject({
  runtime: RuntimeNameSchema,
  imageDigest: DigestSchema,
  isolation: IsolationTierSchema,
  network: z.enum(['none', 'door']).describe('none: loopback only; door: loopback and a mediated way out'),
  limits: LimitsSchema.pick({
    cpus: true,
    memoryBytes: true,
    pids: true,
    workspaceBytes: true,
    workspaceInodes: true,
    openFiles: true,
    fileSizeBytes: true,
  }).describe('The limits that the sandbox itself enforces'),
});
export type Profile = z.infer<typeof ProfileSchema>;

/** What to run in a sandbox, and the limits that the worker enforces while it runs. */
export const CommandSchema = z.strictObject({
  compile: z
    .array(z.string())
    .optional()
    .describe('Run first; a non-zero exit ends the job as compile_failed'),
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  artifacts: z.array(z.string()).describe('Patterns of the files to collect'),
  limits: LimitsSchema.pick({
    wallTimeMs: true,
    cpuTimeMs: true,
    outputBytes: true,
    artifactCount: true,
    artifactBytes: true,
  }),
});
export type Command = z.infer<typeof CommandSchema>;

/** A job request resolved against a policy and a runtime. */
export const PlanSchema = z.strictObject({
  policy: z.strictObject({ name: PolicyNameSchema, digest: DigestSchema }),
  runtime: RuntimeNameSchema,
  entry: z.string().describe('The file that is run'),
  profile: ProfileSchema,
  command: CommandSchema,
  limits: LimitsSchema,
  egress: z.array(EgressRuleSchema),
  lane: z.enum(LANES),
  queueTimeoutMs: z.number().int(),
  retentionMs: z
    .number()
    .int()
    .describe('How long the result and artifacts are kept after the end, in milliseconds'),
});
export type Plan = z.infer<typeof PlanSchema>;

/** Why a request is not allowed. */
export const DENIAL_CODES = [
  'runtime_unknown',
  'runtime_not_allowed',
  'image_not_allowed',
  'policy_unknown',
  'limit_above_ceiling',
  'limit_below_minimum',
  'input_too_large',
  'isolation_not_allowed',
  'isolation_unavailable',
  'egress_not_allowed',
  'egress_unavailable',
  'lane_not_allowed',
  'queue_timeout_above_ceiling',
  'entry_missing',
  'entry_conflict',
  'retry_not_allowed',
  'signature_invalid',
] as const;

/** One reason against a request: where, what, and what would be right. */
export const DenialSchema = z.strictObject({
  code: z.enum(DENIAL_CODES),
  path: z.string().describe('JSON Pointer to the part of the request, such as /limits/memoryBytes'),
  reason: z.string().describe('What is wrong and what would be right, as one sentence'),
});
export type Denial = z.infer<typeof DenialSchema>;
