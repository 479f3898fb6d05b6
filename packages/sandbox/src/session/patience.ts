import { SandboxError } from '../sandbox-error.js';
import type { ControlStream, GoodMessage } from './control-stream.js';
import { TRANSFER_BYTES_PER_MS, withTimeLimit } from './time-limit.js';

/** How long init may keep us waiting without sending bytes, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Waits for messages of an init that may be hostile. Its time is what it was given at first and what its bytes have earned; the time that
 * we take ourselves between two messages does not count.
 */
export class Patience {
  readonly #control: ControlStream;
  #leftMs = PATIENCE_MS;

  constructor(control: ControlStream) {
    this.#control = control;
  }

  async next(): Promise<GoodMessage> {
    const message = this.#control.take() ?? (await this.#wait());
    if (message.type === 'artifact_data') this.#leftMs += message.bytes.length / TRANSFER_BYTES_PER_MS;
    return message;
  }

  async #wait(): Promise<GoodMessage> {
    const since = performance.now();
    try {
      return await withTimeLimit(
        this.#leftMs,
        this.#control.next(),
        () => new SandboxError('protocol', 'The sandbox stopped answering', { began: this.#control.began }),
      );
    } finally {
      this.#leftMs -= performance.now() - since;
    }
  }
}
