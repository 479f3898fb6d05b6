import type { OutputEntry } from '../scripts/write-output.js';
import { createOutputBuffer, type OutputStream } from './output-buffer.js';

const FLUSH_MS = 20;
const FLUSH_BYTES = 32 * 1024;
/** The job waits for Redis above this … */
const HIGH_WATER_BYTES = 256 * 1024;
/** … but no longer than this at a time … */
const LONGEST_WAIT_MS = 1_000;
/** … and above this the oldest is dropped: Redis is away or very slow, and would not keep it either. */
const MAX_WAITING_BYTES = 1024 * 1024;

export interface LiveOutput {
  /** Takes a chunk; the promise is the back-pressure. Never fails: live output is a copy, the result has the output. */
  write(stream: OutputStream, chunk: Uint8Array): void | Promise<void>;
  /** Resolves when all that was taken was written or dropped. When nothing is under way, the write is sent before this returns. */
  flush(): Promise<void>;
  /** Takes and writes nothing more. */
  close(): void;
}

/**
 * Writes a job's output in batches: after 20 ms, or at 32 KiB.
 * @param append writes a batch; `fenced` says that no more is wanted
 * @param onFault told of a batch that was not written; offsets show what is missing
 */
export function createLiveOutput(
  append: (entries: readonly OutputEntry[]) => Promise<'written' | 'fenced'>,
  onFault: (error: unknown) => void,
): LiveOutput {
  const buffer = createOutputBuffer();
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const close = () => {
    isClosed = true;
    clearTimeout(timer);
    buffer.clear();
  };

  const writeAll = async (last: boolean): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    for (let batch = buffer.take({ last }); batch.length > 0 && !isClosed; batch = buffer.take({ last })) {
      try {
        if ((await append(batch)) === 'fenced') close();
      } catch (error) {
        onFault(error);
      }
    }
  };

  const start = (last: boolean): Promise<void> => {
    writing ??= writeAll(last).finally(() => {
      writing = undefined;
      if (buffer.size > 0 && !isClosed) wait();
    });
    return writing;
  };

  const wait = () => {
    timer ??= setTimeout(() => void start(false), FLUSH_MS);
  };

  return {
    write(stream, chunk) {
      if (isClosed) return undefined;
      buffer.push(stream, chunk);
      buffer.bound(MAX_WAITING_BYTES);
      if (buffer.size >= FLUSH_BYTES) void start(false);
      else if (writing === undefined) wait();
      return buffer.size > HIGH_WATER_BYTES ? settledWithin(start(false), LONGEST_WAIT_MS) : undefined;
    },
    async flush() {
      while (writing !== undefined) await writing;
      await start(true);
    },
    close,
  };
}

/** Resolves with the promise, or after a time. */
async function settledWithin(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
