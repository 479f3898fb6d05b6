import { stat, truncate } from 'node:fs/promises';
import { AuditEventSchema } from '@fumehood/schema';
import canonicalize from 'canonicalize';
import { AuditError } from './audit-error.js';
import { readHeadFile, writeText } from './head-file.js';
import { isMissing, readLines } from './read-lines.js';

/** Where a log file ends: its size in bytes, and the event in its last line. */
export interface LogEnd {
  readonly sizeBytes: number;
  readonly sequence: number;
  readonly hash: string | undefined;
}

const EMPTY: LogEnd = { sizeBytes: 0, sequence: -1, hash: undefined };

export const sizeOf = async (path: string): Promise<number> =>
  await stat(path).then(
    ({ size }) => size,
    (error: unknown) => {
      if (isMissing(error)) return 0;
      throw error;
    },
  );

/** Reads where a log ends. Writes its last line again when a crash kept it from being written whole; refuses any other difference. */
export async function mendLog(
  logPath: string,
  headPath: string,
  writer: string,
  durable: boolean,
): Promise<LogEnd> {
  let end: LogEnd = EMPTY;
  let lastText = '';
  let torn = '';
  for await (const line of readLines(logPath)) {
    if (line.complete) {
      lastText = line.text;
      end = { ...end, sizeBytes: line.endBytes };
    } else torn = line.text;
  }
  if (end.sizeBytes > 0) {
    const last = AuditEventSchema.safeParse(decodeLine(lastText));
    if (!last.success) throw new AuditError('conflict', `The last line of ${writer}'s log is no event.`);
    end = { ...end, sequence: last.data.sequence, hash: last.data.hash };
  }
  const file = await readHeadFile(headPath);
  if (file === 'unreadable')
    throw new AuditError('head_forged', `The head file of ${writer} is no head file.`);
  if (file === 'missing') {
    if (end.sizeBytes === 0 && torn === '') return EMPTY;
    throw new AuditError('head_missing', `There is a log of ${writer}, and no head file.`);
  }
  const { event } = file;
  if (event.sequence === end.sequence && event.hash === end.hash && torn === '') return end;
  const line = `${canonicalize(event)}\n`;
  if (event.sequence !== end.sequence + 1 || !line.startsWith(torn)) {
    throw new AuditError('conflict', `The log and the head file of ${writer} do not belong together.`);
  }
  if (torn !== '') await truncate(logPath, end.sizeBytes);
  await writeText(logPath, 'a', line, durable);
  const sizeBytes = end.sizeBytes + Buffer.byteLength(line);
  return { sizeBytes, sequence: event.sequence, hash: event.hash };
}

/** How often a reader looks again at a log that grew while it was read. */
const MAX_LOOKS = 8;

/** The stored events, with the last one from the head file while its line is missing or torn. */
export async function* readLog(logPath: string, headPath: string): AsyncGenerator<unknown> {
  let offset = 0;
  let sequence = -1;
  for (let look = 1; ; look++) {
    let torn = '';
    for await (const line of readLines(logPath, offset)) {
      if (!line.complete) {
        torn = line.text;
        break;
      }
      offset = line.endBytes;
      const entry = decodeLine(line.text);
      sequence = AuditEventSchema.safeParse(entry).data?.sequence ?? sequence;
      yield entry;
    }
    const file = await readHeadFile(headPath);
    if (
      typeof file === 'object' &&
      file.event.sequence === sequence + 1 &&
      canonicalize(file.event)?.startsWith(torn)
    ) {
      yield file.event;
      return;
    }
    const grew = (await sizeOf(logPath)) > offset + Buffer.byteLength(torn);
    if (grew && look < MAX_LOOKS) continue;
    if (torn !== '') yield torn;
    return;
  }
}

/** The object that a line holds; the text itself when it is not the canonical form of one, as every line that was written here is. */
function decodeLine(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalize(value) === text ? value : text;
  } catch {
    return text;
  }
}
