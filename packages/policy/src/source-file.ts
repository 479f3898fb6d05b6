import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { PolicyError } from './policy-error.js';

/** Largest file that is read; thousands of tenants fit. */
const MAX_FILE_BYTES = 512 * 1024;

/** A file's text, and what problems call it. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Reads a regular UTF-8 file, links followed. Throws PolicyError with `file` as its name. */
export async function readSourceFile(path: string, file: string): Promise<SourceFile> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new PolicyError('unreadable', [{ file, path: '', reason }], { cause });
  };
  let bytes: Uint8Array;
  try {
    // Non-blocking, or opening a FIFO would wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return refuse('is not a regular file');
      const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
      let length = 0;
      while (length <= MAX_FILE_BYTES) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > MAX_FILE_BYTES) return refuse(`is larger than ${MAX_FILE_BYTES / 1024} KiB`);
      bytes = buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    return refuse(readFault(error), error);
  }
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return refuse('is not UTF-8 text', error);
  }
}

/** Says a failed system call's reason without the path, which the problem names anyway. */
export function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES') return 'may not be read by this user';
  return `can't be read: ${code}`;
}
