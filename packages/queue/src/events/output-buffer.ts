import type { OutputEntry } from '../scripts/write-output.js';
import { encodeOutput, incompleteTail } from './encode-output.js';

export type OutputStream = OutputEntry['stream'];

/** Most bytes of output in one event, and most events taken at once. */
const ENTRY_BYTES = 32 * 1024;
const BATCH_ENTRIES = 8;
/** Memory of a chunk besides its bytes, roughly: a program that writes single bytes is bounded too. */
const CHUNK_OVERHEAD = 128;

interface Chunk {
  readonly stream: OutputStream;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const end = (chunk: Chunk): number => chunk.offset + chunk.bytes.byteLength;

/**
 * Output on its way into events: joined into runs of one stream, cut at character boundaries. The beginning of a character
 * waits for its rest.
 */
export function createOutputBuffer() {
  const written: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  /** The beginning of a character, of at most 3 bytes. */
  const begun = new Map<OutputStream, Chunk>();
  let chunks: Chunk[] = [];
  let size = 0;

  /** The next chunks of one stream that follow each other, joined to at most one event's bytes. */
  const nextRun = (): Chunk | undefined => {
    const first = chunks[0];
    if (first === undefined) return undefined;
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let used = 0;
    for (const chunk of chunks) {
      if (chunk.stream !== first.stream || chunk.offset !== first.offset + bytes || bytes === ENTRY_BYTES)
        break;
      const part = chunk.bytes.subarray(0, ENTRY_BYTES - bytes);
      parts.push(part);
      bytes += part.byteLength;
      if (part.byteLength < chunk.bytes.byteLength) {
        const rest = chunk.bytes.subarray(part.byteLength);
        chunks[used] = { ...chunk, offset: chunk.offset + part.byteLength, bytes: rest };
        break;
      }
      used++;
    }
    chunks = chunks.slice(used);
    size -= bytes;
    return { ...first, bytes: Buffer.concat(parts) };
  };

  const entryOf = ({ stream, offset, bytes }: Chunk): OutputEntry[] =>
    bytes.byteLength === 0 ? [] : [{ stream, offset, bytes: bytes.byteLength, ...encodeOutput(bytes) }];

  const takeBegun = (stream: OutputStream): Chunk | undefined => {
    const chunk = begun.get(stream);
    begun.delete(stream);
    return chunk;
  };

  /** A run as events, but for the beginning of a character at its end. */
  const cut = (run: Chunk): OutputEntry[] => {
    const before = takeBegun(run.stream);
    const follows = before !== undefined && end(before) === run.offset;
    const whole = follows ? { ...before, bytes: Buffer.concat([before.bytes, run.bytes]) } : run;
    const complete = whole.bytes.byteLength - incompleteTail(whole.bytes);
    if (complete < whole.bytes.byteLength) {
      begun.set(run.stream, {
        ...whole,
        offset: whole.offset + complete,
        bytes: whole.bytes.subarray(complete),
      });
    }
    const stranded = before !== undefined && !follows ? entryOf(before) : [];
    return [...stranded, ...entryOf({ ...whole, bytes: whole.bytes.subarray(0, complete) })];
  };

  return {
    /** Bytes that wait, but for beginnings of characters. */
    get size() {
      return size;
    },
    push(stream: OutputStream, bytes: Uint8Array): void {
      if (bytes.byteLength === 0) return;
      chunks.push({ stream, offset: written[stream], bytes });
      written[stream] += bytes.byteLength;
      size += bytes.byteLength;
    },
    /** Forgets the oldest chunks when too much waits; the offsets of later events show it. */
    bound(maxBytes: number): void {
      if (size + chunks.length * CHUNK_OVERHEAD <= maxBytes) return;
      // Some more than needed, so that not every chunk that comes moves all the others.
      const enough = maxBytes * 0.75;
      let used = 0;
      for (const { bytes } of chunks) {
        if (size + (chunks.length - used) * CHUNK_OVERHEAD <= enough) break;
        size -= bytes.byteLength;
        used++;
      }
      chunks = chunks.slice(used);
    },
    clear(): void {
      chunks = [];
      size = 0;
    },
    /** The next events; none when nothing waits. `last`: nothing follows, so a character's beginning is let go as it is. */
    take({ last }: { readonly last: boolean }): readonly OutputEntry[] {
      const entries: OutputEntry[] = [];
      while (entries.length < BATCH_ENTRIES) {
        const run = nextRun();
        if (run === undefined) break;
        entries.push(...cut(run));
      }
      if (last && chunks.length === 0) {
        for (const stream of ['stdout', 'stderr'] as const) {
          const chunk = takeBegun(stream);
          if (chunk !== undefined) entries.push(...entryOf(chunk));
        }
      }
      return entries;
    },
  };
}
