import { SandboxError } from '../sandbox-error.js';
import { type Frame, HEADER_BYTES, NO_BYTES } from './frame.js';

/** The shortest and the longest payload of each type of frame that may come; any other type is refused. */
export type FrameBounds = Readonly<Record<number, readonly [minBytes: number, maxBytes: number]>>;

/**
 * Cuts a byte stream into frames. Hostile bytes are refused at the header, before anything is kept for them, so memory is bounded by
 * one payload and the chunk at hand. A payload that lies whole in a chunk is a view of it; one that spans chunks is copied once.
 */
export class FrameDecoder {
  readonly #bounds: FrameBounds;
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  /** The header at hand, with `#headerBytes` of it known: kept only while a frame spans chunks. */
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  /** The payload of a frame that spans chunks, with `#payloadBytes` of it known. */
  #payload: Uint8Array | undefined;
  #payloadBytes = 0;

  constructor(bounds: FrameBounds) {
    this.#bounds = bounds;
  }

  /** Whether the stream so far ends between two frames. */
  get isBetweenFrames(): boolean {
    return this.#headerBytes === 0 && this.#at === this.#chunk.length;
  }

  /** Gives the next bytes of the stream, after `take` has returned `undefined`. */
  push(chunk: Uint8Array): void {
    if (this.#at < this.#chunk.length) throw new TypeError('the chunk before is not used up');
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next whole frame; `undefined` when more bytes are needed. Throws SandboxError `protocol`. */
  take(): Frame | undefined {
    return this.#payload === undefined ? this.#takeFrame() : this.#takeRest(this.#payload);
  }

  #takeFrame(): Frame | undefined {
    let source = this.#chunk;
    let start = this.#at;
    if (this.#headerBytes === 0 && source.length - start >= HEADER_BYTES) {
      this.#at += HEADER_BYTES;
    } else {
      this.#headerBytes += this.#copyInto(this.#header, this.#headerBytes);
      if (this.#headerBytes < HEADER_BYTES) return undefined;
      source = this.#header;
      start = 0;
    }
    const length = this.#checkedLength(source, start);
    if (this.#chunk.length - this.#at >= length) {
      this.#headerBytes = 0;
      const payload = this.#chunk.subarray(this.#at, this.#at + length);
      this.#at += length;
      return frameOf(source, start, payload);
    }
    if (source !== this.#header) this.#header.set(source.subarray(start, start + HEADER_BYTES));
    this.#headerBytes = HEADER_BYTES;
    this.#payloadBytes = 0;
    this.#payload = new Uint8Array(length);
    return this.#takeRest(this.#payload);
  }

  #takeRest(payload: Uint8Array): Frame | undefined {
    this.#payloadBytes += this.#copyInto(payload, this.#payloadBytes);
    if (this.#payloadBytes < payload.length) return undefined;
    this.#payload = undefined;
    this.#headerBytes = 0;
    return frameOf(this.#header, 0, payload);
  }

  /** Moves as many bytes as there are and as fit; says how many. */
  #copyInto(target: Uint8Array, offset: number): number {
    const bytes = Math.min(target.length - offset, this.#chunk.length - this.#at);
    target.set(this.#chunk.subarray(this.#at, this.#at + bytes), offset);
    this.#at += bytes;
    return bytes;
  }

  #checkedLength(header: Uint8Array, start: number): number {
    const type = byteAt(header, start);
    const bounds = this.#bounds[type];
    if (bounds === undefined)
      throw new SandboxError('protocol', `a frame of the unknown type 0x${type.toString(16)}`);
    const length =
      byteAt(header, start + 4) * 0x1_00_00_00 +
      ((byteAt(header, start + 5) << 16) | (byteAt(header, start + 6) << 8) | byteAt(header, start + 7));
    if (length < bounds[0] || length > bounds[1]) {
      throw new SandboxError(
        'protocol',
        `a frame of type 0x${type.toString(16)} with a payload of ${length} bytes`,
      );
    }
    return length;
  }
}

function frameOf(header: Uint8Array, start: number, payload: Uint8Array): Frame {
  return {
    type: byteAt(header, start),
    flags: byteAt(header, start + 1),
    channel: (byteAt(header, start + 2) << 8) | byteAt(header, start + 3),
    payload,
  };
}

/** Reading past the end can't happen here; 0 satisfies the type. */
const byteAt = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0;
