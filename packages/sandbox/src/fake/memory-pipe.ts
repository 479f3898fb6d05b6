/**
 * Chunks from one writer to one reader, in memory. A write resolves when no more than `roomBytes` wait to be read, and rejects when the
 * reader is gone: the back-pressure of a pipe.
 */
export class MemoryPipe implements AsyncIterable<Uint8Array> {
  readonly #roomBytes: number;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #wakeReader: () => void = () => undefined;
  #wakeWriters: (() => void)[] = [];

  constructor(roomBytes = 65_536) {
    this.#roomBytes = roomBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#ended) throw new Error('the pipe has ended');
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#wakeReader();
    while (this.#waitingBytes > this.#roomBytes) {
      await new Promise<void>((resolve) => this.#wakeWriters.push(resolve));
      if (this.#ended) throw new Error('the pipe has ended');
    }
  }

  /** The reader still gets what waits. */
  end(): void {
    this.#ended = true;
    this.#wakeReader();
    this.#wakeAllWriters();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length;
        this.#wakeAllWriters();
        yield chunk;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    }
  }

  #wakeAllWriters(): void {
    const writers = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of writers) wake();
  }
}
