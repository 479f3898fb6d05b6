import { SandboxError } from '../sandbox-error.js';

/** Reads the fields of one payload in order. What does not fit throws SandboxError `protocol`. */
export class PayloadReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#skip(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#skip(2));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#skip(4));
  }

  /** A u64 that a number can hold exactly: no true size is larger. */
  u64(): number {
    const value = this.#bytes.readBigUInt64BE(this.#skip(8));
    if (value > Number.MAX_SAFE_INTEGER)
      throw new SandboxError('protocol', `the number ${value} is too large`);
    return Number(value);
  }

  /** A string; bytes that are not UTF-8 become U+FFFD, which no path may contain. */
  string(): string {
    const bytes = this.u32();
    const start = this.#skip(bytes);
    return this.#bytes.toString('utf8', start, start + bytes);
  }

  list(): readonly string[] {
    const count = this.u32();
    const strings: string[] = [];
    // The count is a claim, not an allocation: each string takes 4 bytes or more, so the payload's end stops a lie.
    for (let index = 0; index < count; index++) strings.push(this.string());
    return strings;
  }

  ignore(bytes: number): void {
    this.#skip(bytes);
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new SandboxError('protocol', `${left} bytes too many in a payload`);
  }

  #skip(bytes: number): number {
    const start = this.#at;
    if (this.#bytes.length - start < bytes) throw new SandboxError('protocol', 'a payload is too short');
    this.#at += bytes;
    return start;
  }
}
