import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { AuditError } from './audit-error.js';
import type { AuditStore } from './audit-store.js';
import { readHeadFile, writeHeadFile, writeText } from './head-file.js';
import { type LogEnd, mendLog, readLog, sizeOf } from './log-file.js';
import { isMissing } from './read-lines.js';
import { writerFileName, writerOfFileName } from './writer-file-name.js';

const LOG_ENDING = '.jsonl';
const HEAD_ENDING = '.head.json';

export interface FileAuditStoreOptions {
  /**
   * `always` (the default): an append resolves once the event is on the disk, and survives a power failure. `never`: it resolves
   * once the kernel has it; it survives a crash of this process, not one of the host.
   */
  readonly fsync?: 'always' | 'never';
}

/**
 * Keeps each writer's events in `<writer>.jsonl`, one canonical JSON object a line, and its last event with the signed head in
 * `<writer>.head.json`. At most one process may append for a writer; any number may read meanwhile.
 *
 * An append replaces the head file (write, fsync, rename, fsync of the folder), then writes the line (fsync). A crash between
 * the two loses nothing: readers take the last event from the head file while its line is missing or torn, and the next append
 * writes that line again. Any other difference is left as it is, for `verifyAudit` to find, and appends are refused.
 */
export function fileAuditStore(dir: string, { fsync = 'always' }: FileAuditStoreOptions = {}): AuditStore {
  const durable = fsync === 'always';
  /** Ends of the logs that this store has written; what it has not, or what changed since, is read again. */
  const ends = new Map<string, LogEnd>();
  const logPath = (writer: string) => join(dir, writerFileName(writer) + LOG_ENDING);
  const headPath = (writer: string) => join(dir, writerFileName(writer) + HEAD_ENDING);

  async function logEnd(writer: string): Promise<LogEnd> {
    const known = ends.get(writer);
    if (known !== undefined && known.sizeBytes === (await sizeOf(logPath(writer)))) return known;
    return await mendLog(logPath(writer), headPath(writer), writer, durable);
  }

  return {
    async append(event, head) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const end = await logEnd(event.writer);
      ends.delete(event.writer);
      if (end.sequence === event.sequence && end.hash === event.hash) return;
      if (event.sequence !== end.sequence + 1 || (end.hash !== undefined && event.previous !== end.hash)) {
        throw new AuditError(
          'conflict',
          `Event ${event.sequence} does not follow event ${end.sequence} of ${event.writer}.`,
        );
      }
      await writeHeadFile(headPath(event.writer), { event, head }, durable);
      const line = `${canonicalize(event)}\n`;
      await writeText(logPath(event.writer), 'a', line, durable);
      const sizeBytes = end.sizeBytes + Buffer.byteLength(line);
      ends.set(event.writer, { sizeBytes, sequence: event.sequence, hash: event.hash });
    },

    async head(writer) {
      const file = await readHeadFile(headPath(writer));
      if (file === 'unreadable')
        throw new AuditError('head_forged', `The head file of ${writer} is no head file.`);
      return file === 'missing' ? undefined : file.head;
    },

    read: (writer) => readLog(logPath(writer), headPath(writer)),

    async writers() {
      const names = await readdir(dir).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const found = names.flatMap((name) => {
        const ending = [LOG_ENDING, HEAD_ENDING].find((known) => name.endsWith(known));
        return ending === undefined ? [] : (writerOfFileName(name.slice(0, -ending.length)) ?? []);
      });
      return [...new Set(found)].sort();
    },
  };
}
