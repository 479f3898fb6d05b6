import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type RuntimeLock, RuntimeLockSchema } from '@fumehood/schema';

/** The lock file, or an empty lock when there is none or when what is there can't be read: images are found again by their labels. */
export async function readRuntimeLock(file: string): Promise<RuntimeLock> {
  try {
    return RuntimeLockSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return { version: 1, images: {} };
  }
}

/** Replaces the lock file as a whole: a reader sees the old one or the new one. */
export async function writeRuntimeLock(file: string, lock: RuntimeLock): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const images = Object.fromEntries(Object.entries(lock.images).sort(([a], [b]) => (a < b ? -1 : 1)));
  const next = `${file}.${process.pid}.tmp`;
  await writeFile(next, `${JSON.stringify({ ...lock, images }, null, 2)}\n`);
  await rename(next, file);
}
