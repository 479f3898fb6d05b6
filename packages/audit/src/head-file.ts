import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AuditEvent, AuditEventSchema } from '@fumehood/schema';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { type AuditHead, AuditHeadSchema } from './audit-store.js';
import { isMissing } from './read-lines.js';

const HeadFileSchema = z.strictObject({ event: AuditEventSchema, head: AuditHeadSchema });

/** The last event with its signed head: what is needed to make the event's line again. */
export interface HeadFile {
  readonly event: AuditEvent;
  readonly head: AuditHead;
}

/** What the file holds; `unreadable` when that is no head file. */
export async function readHeadFile(path: string): Promise<HeadFile | 'missing' | 'unreadable'> {
  try {
    return HeadFileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (isMissing(error)) return 'missing';
    if (error instanceof SyntaxError || error instanceof z.ZodError) return 'unreadable';
    throw error;
  }
}

/** Replaces the file as a whole: after a crash there is the old one or the new one. */
export async function writeHeadFile(path: string, content: HeadFile, durable: boolean): Promise<void> {
  const temporary = `${path}.tmp`;
  await writeText(temporary, 'w', `${canonicalize(content)}\n`, durable);
  await rename(temporary, path);
  if (!durable) return;
  await using folder = await open(dirname(path), 'r');
  await folder.sync();
}

export async function writeText(
  path: string,
  flags: 'w' | 'a',
  text: string,
  durable: boolean,
): Promise<void> {
  await using file = await open(path, flags, 0o600);
  await file.writeFile(text);
  if (durable) await file.sync();
}
