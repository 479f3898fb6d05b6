import { z } from 'zod';
import { boundedRecord } from './bounded-record.js';
import { EgressRuleSchema } from './egress-rule.js';
import { IsolationTierSchema } from './isolation.js';
import { PartialLimitsSchema } from './limits.js';
import { PolicyNameSchema, RuntimeNameSchema } from './names.js';
import { unknownKeyError } from './unknown-key-error.js';
import { WorkspacePathSchema } from './workspace-path.js';

/** Most files one request may carry; their bytes are bounded by the policy's inputBytes. */
export const MAX_FILES = 1_000;
const MAX_INPUT_TEXT = 64 * 1024 * 1024;

const Base64Schema = z.base64().max(MAX_INPUT_TEXT);
const noNul = (text: string) => !text.includes('\0');

/** Text that UTF-8 can carry unaltered. A lone surrogate would be stored as U+FFFD and is no JSON that can be signed (RFC 8785). */
const textSchema = (maxLength: number) =>
  z
    .string()
    .max(maxLength, { abort: true })
    .refine((text) => !/\p{Cs}/u.test(text), {
      error: 'the text has a lone surrogate, which UTF-8 has no bytes for; send bytes as base64',
    });
const noNulSchema = (what: string) =>
  textSchema(32_768).refine(noNul, { error: `the ${what} contains a NUL character` });

/** Bytes of all arguments together, and of all variables; what the kernel hands a program is bounded (execve(2), E2BIG). */
const MAX_ARGV_BYTES = 128 * 1024;
const sumOfBytes = (texts: readonly string[]) =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);

export const LANES = ['interactive', 'batch'] as const;

const inputFileShape = {
  path: WorkspacePathSchema,
  content: textSchema(MAX_INPUT_TEXT).optional().describe('The content as text; stored as UTF-8'),
  contentBase64: Base64Schema.optional().describe('The content as base64'),
  executable: z.boolean().default(false).describe('Whether the file gets mode 0755 instead of 0644'),
};

/** A file put into the workspace before the command starts: text, or bytes as base64. */
export const InputFileSchema = z
  .strictObject(inputFileShape, { error: unknownKeyError(Object.keys(inputFileShape)) })
  .refine((file) => (file.content === undefined) !== (file.contentBase64 === undefined), {
    error: 'give exactly one of content and contentBase64',
  });
export type InputFile = z.infer<typeof InputFileSchema>;

/** Names that would change how the runtime itself is loaded before the user's code runs; use `args` or files instead. */
const REFUSED_ENV = /^(?:LD_|GLIBC_TUNABLES$|GCONV_PATH$|FUMEHOOD_)/;

const EnvSchema = boundedRecord(
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected a variable name: letters, digits and underscores')
    .refine((name) => !REFUSED_ENV.test(name), {
      error: 'LD_*, GLIBC_TUNABLES, GCONV_PATH and FUMEHOOD_* are refused',
    }),
  noNulSchema('value'),
  256,
  'variables',
).refine((env) => sumOfBytes(Object.entries(env).flat()) <= MAX_ARGV_BYTES, {
  error: 'at most 128 KiB for all variables together',
});

/**
 * A glob over paths in the workspace: `*` and `?` stay inside one path part, `**` spans parts.
 * Only regular files that are not links are collected.
 */
const ArtifactPatternSchema = z
  .string()
  .min(1)
  .max(256, { abort: true })
  .refine((pattern) => !pattern.startsWith('/') && !pattern.includes('\\') && noNul(pattern), {
    error: 'expected a pattern relative to the workspace, such as out/*.png',
  })
  .refine((pattern) => pattern.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'expected a pattern without empty, . or .. parts',
  });

const jobRequestShape = {
  runtime: RuntimeNameSchema.describe('What to run in, by name or alias: python, node, bash, …'),
  code: textSchema(MAX_INPUT_TEXT).optional().describe('Source text, stored at `entry`'),
  entry: WorkspacePathSchema.optional().describe("The file to run; the runtime's own default when absent"),
  files: z.array(InputFileSchema).max(MAX_FILES).default([]).describe('Files put into the workspace first'),
  args: z
    .array(noNulSchema('argument'))
    .max(256)
    .refine((args) => sumOfBytes(args) <= MAX_ARGV_BYTES, {
      error: 'at most 128 KiB for all arguments together',
    })
    .default([])
    .describe('Arguments after the entry file'),
  env: EnvSchema.default({}).describe('Environment variables of the command'),
  stdin: textSchema(MAX_INPUT_TEXT).optional().describe('Standard input as text'),
  stdinBase64: Base64Schema.optional().describe('Standard input as base64'),
  limits: PartialLimitsSchema.default({}).describe("Limits asked for; the policy's defaults fill the rest"),
  artifacts: z.array(ArtifactPatternSchema).max(64).default([]).describe('Which files to collect afterwards'),
  policy: PolicyNameSchema.optional().describe("A policy of the tenant's; its first one when absent"),
  isolation: IsolationTierSchema.optional().describe("The wall asked for; the policy's default when absent"),
  egress: z.array(EgressRuleSchema).max(64).default([]).describe("Hosts to reach, a subset of the policy's"),
  lane: z.enum(LANES).default('interactive').describe('batch jobs wait behind interactive ones'),
  queueTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(7 * 86_400_000)
    .optional()
    .describe('Longest wait in the queue in milliseconds; then the job ends as expired'),
  retryOnLoss: z
    .boolean()
    .default(false)
    .describe('Whether the code may run again when its worker died midway: true only for idempotent code'),
  labels: boundedRecord(
    z
      .string()
      .regex(
        /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/,
        'expected a label name: 1 to 63 lower-case letters, digits and inner . _ / -',
      ),
    textSchema(256),
    32,
    'labels',
  )
    .default({})
    .describe('Notes of your own, given back with the job and usable as a filter'),
};

/** What a client sends to have untrusted code run. Unknown keys are refused. */
export const JobRequestSchema = z
  .strictObject(jobRequestShape, { error: unknownKeyError(Object.keys(jobRequestShape)) })
  .superRefine((request, context) => {
    if (request.stdin !== undefined && request.stdinBase64 !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['stdinBase64'],
        message: 'give at most one of stdin and stdinBase64',
      });
    }
    const seen = new Set<string>();
    for (const [index, file] of request.files.entries()) {
      if (seen.has(file.path)) {
        context.addIssue({
          code: 'custom',
          path: ['files', index, 'path'],
          message: 'the path occurs twice',
        });
      }
      seen.add(file.path);
    }
    for (const [index, file] of request.files.entries()) {
      const parts = file.path.split('/');
      for (let depth = 1; depth < parts.length; depth++) {
        if (!seen.has(parts.slice(0, depth).join('/'))) continue;
        const message = `${JSON.stringify(parts.slice(0, depth).join('/'))} is a file in this request, and a directory here`;
        context.addIssue({ code: 'custom', path: ['files', index, 'path'], message });
      }
    }
  })
  .describe('A job request');

/** A job request with every default filled in. */
export type JobRequest = z.infer<typeof JobRequestSchema>;
/** A job request as a client may write it. */
export type JobRequestInput = z.input<typeof JobRequestSchema>;
