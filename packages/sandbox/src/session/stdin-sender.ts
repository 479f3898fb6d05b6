import { MAX_PAYLOAD_BYTES } from '../protocol/frame.js';
import type { ControlStream } from './control-stream.js';

/**
 * Feeds standard input to a running command as far as its credit goes, one write after the other. Failed writes are left alone: the side
 * that reads sees the end of the stream, and knows why.
 */
export class StdinSender {
  readonly #control: ControlStream;
  readonly #bytes: Uint8Array;
  #sent = 0;
  #credit = 0;
  #sending = false;

  constructor(control: ControlStream, bytes: Uint8Array) {
    this.#control = control;
    this.#bytes = bytes;
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    if (!this.#sending) this.#send().catch(() => undefined);
  }

  async #send(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#credit > 0 && this.#sent < this.#bytes.length && this.#control.state === 'running') {
        const bytes = this.#bytes.subarray(
          this.#sent,
          this.#sent + Math.min(this.#credit, MAX_PAYLOAD_BYTES),
        );
        this.#sent += bytes.length;
        this.#credit -= bytes.length;
        const isLast = this.#sent === this.#bytes.length;
        await this.#control.send(
          { type: 'stdin', bytes },
          ...(isLast ? [{ type: 'stdin_end' } as const] : []),
        );
      }
    } finally {
      this.#sending = false;
    }
  }
}
