import {
  DigestSchema,
  EgressRuleSchema,
  ISOLATION_TIERS,
  IsolationTierSchema,
  LANES,
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  LimitsSchema,
  PolicyNameSchema,
  RuntimeNameSchema,
} from '@fumehood/schema';
import { z } from 'zod';
import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from './built-in-limits.js';
import { distinct, documentPart } from './document-part.js';
import { formatLimit, formatMs } from './quantity.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** All limits, those left out taken from `fill`. */
function limitsFilledFrom(fill: Limits) {
  const { shape } = LimitsSchema;
  return documentPart({
    wallTimeMs: shape.wallTimeMs.default(fill.wallTimeMs),
    cpuTimeMs: shape.cpuTimeMs.default(fill.cpuTimeMs),
    cpus: shape.cpus.default(fill.cpus),
    memoryBytes: shape.memoryBytes.default(fill.memoryBytes),
    pids: shape.pids.default(fill.pids),
    workspaceBytes: shape.workspaceBytes.default(fill.workspaceBytes),
    workspaceInodes: shape.workspaceInodes.default(fill.workspaceInodes),
    openFiles: shape.openFiles.default(fill.openFiles),
    fileSizeBytes: shape.fileSizeBytes.default(fill.fileSizeBytes),
    outputBytes: shape.outputBytes.default(fill.outputBytes),
    artifactCount: shape.artifactCount.default(fill.artifactCount),
    artifactBytes: shape.artifactBytes.default(fill.artifactBytes),
    inputBytes: shape.inputBytes.default(fill.inputBytes),
  } satisfies Record<LimitName, z.ZodType>).prefault({});
}

/** A policy document, one file in policies/. What is left out is filled in: a parsed policy is complete. */
export const PolicySchema = documentPart({
  apiVersion: z.literal('fumehood/v1').describe('The version of this format'),
  name: PolicyNameSchema.describe('What tenants and requests call the policy; once among all files'),
  description: z.string().max(500).optional().describe('For people: who this policy is for'),
  runtimes: z
    .record(
      RuntimeNameSchema,
      documentPart({
        images: z
          .array(DigestSchema)
          .min(1)
          .optional()
          .describe(
            'The only images allowed for this runtime, by digest. Left out: the image that the host has built or pulled',
          ),
      }),
    )
    .refine((runtimes) => Object.keys(runtimes).length > 0, {
      error: 'allow at least one runtime, such as python: {}',
    })
    .describe('The runtimes that may be used, by their own names (not aliases)'),
  isolation: documentPart({
    allowed: z
      .array(IsolationTierSchema)
      .min(1)
      .max(ISOLATION_TIERS.length)
      .refine(distinct, { error: 'a tier occurs twice' })
      .default(['container'])
      .describe('Tiers that a request may ask for. container: runc or crun; gvisor: runsc'),
    default: IsolationTierSchema.default('container').describe('The tier of a request that names none'),
  })
    .prefault({})
    .describe('How strong the wall is. A tier that a host lacks is refused, never replaced by a weaker one'),
  limits: documentPart({
    defaults: limitsFilledFrom(BUILT_IN_DEFAULTS).describe('What a job gets when its request does not say'),
    ceilings: limitsFilledFrom(BUILT_IN_CEILINGS).describe(
      'The most that a request may ask for. More is refused, never clamped',
    ),
  })
    .prefault({})
    .describe('Limits of one job'),
  egress: z
    .array(EgressRuleSchema)
    .max(256)
    .default([])
    .describe('Hosts and ports that a request may ask to reach. Empty: no job has a way out'),
  lanes: z
    .array(z.enum(LANES))
    .min(1)
    .max(LANES.length)
    .refine(distinct, { error: 'a lane occurs twice' })
    .default([...LANES])
    .describe('Lanes that a request may ask for; batch jobs wait behind interactive ones'),
  queue: documentPart({
    defaultTimeoutMs: z
      .number()
      .int()
      .min(100)
      .max(7 * DAY)
      .default(10 * MINUTE)
      .describe('How long a job waits in the queue when its request does not say; then it ends as expired'),
    maxTimeoutMs: z
      .number()
      .int()
      .min(100)
      .max(7 * DAY)
      .default(60 * MINUTE)
      .describe('The longest wait that a request may ask for'),
  })
    .prefault({})
    .describe('Waiting in the queue, in milliseconds'),
  allowRetryOnLoss: z
    .boolean()
    .default(true)
    .describe('Whether a request may say that its code is run again when its worker died midway'),
  retention: documentPart({
    resultMs: z
      .number()
      .int()
      .min(MINUTE)
      .max(90 * DAY)
      .default(DAY)
      .describe('How long results, output and artifacts are kept after the end of the job'),
  })
    .prefault({})
    .describe('Keeping, in milliseconds'),
})
  .superRefine((policy, context) => {
    for (const fault of policyFaults(policy)) {
      context.addIssue({ code: 'custom', path: [...fault.path], message: fault.message });
    }
  })
  .describe('A Fumehood policy: what jobs may ask for, and what they get when they ask for nothing');

/** A complete policy. */
export type Policy = z.infer<typeof PolicySchema>;
/** A policy as people may write it. */
export type PolicyInput = z.input<typeof PolicySchema>;

interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** What contradicts itself between the parts of a policy. */
function* policyFaults(policy: Pick<Policy, 'limits' | 'isolation' | 'queue'>): Generator<Fault> {
  const { defaults, ceilings } = policy.limits;
  for (const name of LIMIT_NAMES) {
    if (defaults[name] <= ceilings[name]) continue;
    const builtIn = (fill: Limits, value: number) => (value === fill[name] ? ', the built-in one,' : '');
    const message =
      `the default ${formatLimit(name, defaults[name])}${builtIn(BUILT_IN_DEFAULTS, defaults[name])} ` +
      `is above the ceiling ${formatLimit(name, ceilings[name])}${builtIn(BUILT_IN_CEILINGS, ceilings[name])}; ` +
      `set limits.defaults.${name} to at most ${ceilings[name]}, or raise limits.ceilings.${name}`;
    yield { path: ['limits', 'defaults', name], message };
  }
  if (!policy.isolation.allowed.includes(policy.isolation.default)) {
    const message = `${policy.isolation.default} is not among the allowed tiers: ${policy.isolation.allowed.join(', ')}`;
    yield { path: ['isolation', 'default'], message };
  }
  if (policy.queue.defaultTimeoutMs > policy.queue.maxTimeoutMs) {
    const message = `the default ${formatMs(policy.queue.defaultTimeoutMs)} is above maxTimeoutMs, ${formatMs(policy.queue.maxTimeoutMs)}`;
    yield { path: ['queue', 'defaultTimeoutMs'], message };
  }
}
