import { z } from 'zod';
import { boundedRecord } from './bounded-record.js';
import { PartialLimitsSchema } from './limits.js';
import { DigestSchema, RuntimeNameSchema } from './names.js';
import { WorkspacePathSchema } from './workspace-path.js';

const ArgvTemplateSchema = z
  .array(z.string().min(1).max(4096))
  .min(1)
  .max(64)
  .describe('Arguments of a command; {entry} is replaced by the path of the entry file');

/** A runtime.json: how a source file is compiled and run in an image. One folder of infra/images holds one. */
export const RuntimeDefinitionSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: RuntimeNameSchema.describe("The runtime's name; equal to the name of its folder"),
    title: z.string().min(1).max(80).describe('What people call it, such as "Python 3.11"'),
    aliases: z
      .record(RuntimeNameSchema, z.strictObject({ entry: WorkspacePathSchema.optional() }))
      .default({})
      .describe('Other names that choose this runtime, each with its own default entry file'),
    entry: WorkspacePathSchema.describe('The path that `code` is stored at when the request names none'),
    compile: ArgvTemplateSchema.optional().describe(
      'Run before `run`, when present; a non-zero exit is compile_failed',
    ),
    run: ArgvTemplateSchema.describe("The command; the request's args follow it"),
    env: boundedRecord(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(4096), 256, 'variables')
      .default({})
      .describe('Environment of the command, under what the request adds'),
    minimums: PartialLimitsSchema.default({}).describe('Limits below which the runtime does not start'),
  })
  .describe('A runtime: an image and how a source file is compiled and run in it');
export type RuntimeDefinition = z.infer<typeof RuntimeDefinitionSchema>;

/** A runtime with the image that this host built or pulled for it. */
export const RuntimeSchema = RuntimeDefinitionSchema.omit({ $schema: true }).extend({
  imageDigest: DigestSchema.describe('Digest of the image'),
});
export type Runtime = z.infer<typeof RuntimeSchema>;

/** The images at hand, by runtime name; written by `fumehood image build`. */
export const RuntimeLockSchema = z.strictObject({
  version: z.literal(1),
  images: z.record(
    RuntimeNameSchema,
    z.strictObject({ imageDigest: DigestSchema, builtAt: z.string(), sourceDigest: DigestSchema }),
  ),
});
export type RuntimeLock = z.infer<typeof RuntimeLockSchema>;
