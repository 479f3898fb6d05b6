import { isUtf8 } from 'node:buffer';
import type { Output } from '@fumehood/schema';

/** Bytes of a stream's beginning and of its end that a result carries. */
export const HEAD_BYTES = 32 * 1024;
export const TAIL_BYTES = 32 * 1024;

/** Takes one output stream in, and gives back what a result says of it. Memory is bounded by head, tail and one chunk. */
export interface OutputRecorder {
  /** Resolves when the chunk was taken; awaiting it is the back-pressure of a slow store. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** Ends the stream; resolves when the whole of it is stored, if it had to be. A store that failed leaves `artifact` out; it rejected a write. */
  finish(): Promise<Output>;
}

/** Stores a whole stream under a name; consumes `content` to its end. */
export type SpoolOutput = (content: AsyncIterable<Uint8Array>) => Promise<{ readonly path: string }>;

/** Records one stream. The whole of it is spooled only when head and tail can't hold it, from its first byte on. */
export function recordOutput(spool: SpoolOutput): OutputRecorder {
  const edges = Buffer.allocUnsafe(HEAD_BYTES + TAIL_BYTES);
  let totalBytes = 0;
  let spooling: Spooling | undefined;

  return {
    write(chunk) {
      const room = edges.length - totalBytes;
      if (spooling === undefined && chunk.length > room) {
        spooling = startSpooling(spool, Buffer.from(edges.subarray(0, totalBytes)));
      }
      keepEdges(edges, totalBytes, chunk);
      totalBytes += chunk.length;
      return spooling?.write(chunk);
    },
    async finish() {
      const stored = await spooling?.finish().catch(() => undefined);
      const output = summarise(edges, totalBytes);
      return stored === undefined ? output : { ...output, artifact: stored.path };
    },
  };
}

/** The first HEAD_BYTES stay where they are; the rest goes round in the TAIL_BYTES behind them. */
function keepEdges(edges: Buffer, position: number, chunk: Uint8Array): void {
  let rest = chunk;
  let at = position;
  if (at < HEAD_BYTES) {
    const part = rest.subarray(0, HEAD_BYTES - at);
    edges.set(part, at);
    at += part.length;
    rest = rest.subarray(part.length);
  }
  if (rest.length > TAIL_BYTES) {
    at += rest.length - TAIL_BYTES;
    rest = rest.subarray(rest.length - TAIL_BYTES);
  }
  while (rest.length > 0) {
    const slot = HEAD_BYTES + ((at - HEAD_BYTES) % TAIL_BYTES);
    const part = rest.subarray(0, edges.length - slot);
    edges.set(part, slot);
    at += part.length;
    rest = rest.subarray(part.length);
  }
}

function summarise(edges: Buffer, totalBytes: number): Output {
  if (totalBytes <= edges.length) return encode(edges.subarray(0, totalBytes), Buffer.alloc(0), totalBytes);
  const turn = HEAD_BYTES + ((totalBytes - HEAD_BYTES) % TAIL_BYTES);
  const tail = Buffer.concat([edges.subarray(turn), edges.subarray(HEAD_BYTES, turn)]);
  return encode(edges.subarray(0, HEAD_BYTES), tail, totalBytes);
}

/** Text when both edges are UTF-8 once a character that the cut split is left out; else base64. */
function encode(head: Buffer, tail: Buffer, totalBytes: number): Output {
  const cut = tail.length > 0;
  const textHead = cut ? withoutSplitEnd(head) : head;
  const textTail = cut ? withoutSplitStart(tail) : tail;
  const text = isUtf8(textHead) && isUtf8(textTail);
  const [first, last, encoding] = text
    ? ([textHead, textTail, 'utf8'] as const)
    : ([head, tail, 'base64'] as const);
  return {
    encoding,
    head: first.toString(encoding),
    tail: last.toString(encoding),
    totalBytes,
    omittedBytes: totalBytes - first.length - last.length,
  };
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function withoutSplitEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

function withoutSplitStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}

interface Spooling {
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<{ readonly path: string }>;
}

/** A channel of one chunk between the writer and the spool that reads it. */
function startSpooling(spool: SpoolOutput, beginning: Uint8Array): Spooling {
  let pending: Uint8Array | undefined = beginning.length > 0 ? beginning : undefined;
  let ended = false;
  let wakeReader = () => {};
  let wakeWriter = () => {};

  async function* content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (pending !== undefined) {
        const chunk = pending;
        pending = undefined;
        wakeWriter();
        yield chunk;
      } else if (ended) return;
      else await new Promise<void>((resolve) => (wakeReader = resolve));
    }
  }

  let failed = false;
  const stored = spool(content());
  stored.catch(() => {
    failed = true;
    wakeWriter();
  });

  return {
    async write(chunk) {
      while (pending !== undefined && !failed) await new Promise<void>((resolve) => (wakeWriter = resolve));
      if (failed) await stored;
      pending = chunk;
      wakeReader();
    },
    async finish() {
      ended = true;
      wakeReader();
      return await stored;
    },
  };
}
