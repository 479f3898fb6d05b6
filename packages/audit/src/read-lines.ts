import { createReadStream } from 'node:fs';

export interface Line {
  readonly text: string;
  /** False for what stands behind the last newline: a write under way, or one that a crash has torn. */
  readonly complete: boolean;
  /** Offset in bytes of the line's first byte, and of the byte behind its newline. */
  readonly startBytes: number;
  readonly endBytes: number;
}

/** Longer lines than any event are given in pieces of about this size, so that a damaged file can't fill the memory. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The lines of a file from an offset on; none when there is no file. Bytes that are no UTF-8 come as U+FFFD. */
export async function* readLines(path: string, fromBytes = 0): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let startBytes = fromBytes;
  let endBytes = fromBytes;
  const take = (complete: boolean): Line => {
    const line = { text: Buffer.concat(parts).toString('utf8'), complete, startBytes, endBytes };
    parts = [];
    startBytes = endBytes;
    return line;
  };
  try {
    for await (const chunk of createReadStream(path, { start: fromBytes }) as AsyncIterable<Buffer>) {
      let from = 0;
      while (from < chunk.length) {
        const newline = chunk.indexOf(NEWLINE, from);
        const until = newline === -1 ? chunk.length : newline + 1;
        parts.push(chunk.subarray(from, newline === -1 ? until : newline));
        endBytes += until - from;
        from = until;
        if (newline !== -1 || endBytes - startBytes > MAX_LINE_BYTES) yield take(true);
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (endBytes > startBytes) yield take(false);
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
