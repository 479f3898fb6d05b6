import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkspacePathSchema } from '@fumehood/schema';
import { z } from 'zod';
import { CliError } from '../cli-error.js';

/** Files of an npm package that go into a build context. */
const NpmFilesSchema = z.strictObject({
  package: z
    .string()
    .regex(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/, 'expected the name of an npm package'),
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'expected an exact version'),
  integrity: z
    .string()
    .regex(/^sha512-[A-Za-z0-9+/]{86}==$/, 'expected sha512- and base64: the integrity that npm shows'),
  architecture: z
    .enum(['x64', 'arm64'])
    .optional()
    .describe("Only on hosts of this architecture (Node's name for it)"),
  files: z
    .record(WorkspacePathSchema, WorkspacePathSchema)
    .describe('From the path inside the package to the path inside the build context'),
});
export type NpmFiles = z.infer<typeof NpmFilesSchema>;

/** A context.json: what a build context needs beside the files of its folder. */
export const ImageContextSchema = z.strictObject({ npm: z.array(NpmFilesSchema).max(32).default([]) });
export type ImageContext = z.infer<typeof ImageContextSchema>;

/** The context.json of a runtime's folder; one that asks for nothing when there is none. */
export async function readImageContext(folder: string): Promise<ImageContext> {
  const file = join(folder, 'context.json');
  try {
    return ImageContextSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { npm: [] };
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CliError('failed', `${file} is not right: ${reason}`, undefined, { cause: error });
  }
}
