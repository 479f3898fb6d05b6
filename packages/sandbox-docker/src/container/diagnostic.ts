import { safeText } from '../api/safe-text.js';

const MAX_BYTES = 4_096;

/** The beginning of what init wrote to stderr: a few lines for people, in case that it fails. */
export class Diagnostic {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  add(chunk: Uint8Array): void {
    const room = MAX_BYTES - this.#bytes;
    if (room <= 0) return;
    // A copy: the chunk is a window onto a buffer that would else be kept alive.
    const part = Uint8Array.from(chunk.subarray(0, room));
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  /** Safe to show; empty when nothing was written. */
  get text(): string {
    return safeText(Buffer.concat(this.#parts).toString('utf8'), MAX_BYTES);
  }
}
