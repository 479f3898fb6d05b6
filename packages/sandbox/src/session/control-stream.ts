import type { ByteStream } from '../container-engine.js';
import { Conversation, type ConversationState } from '../protocol/conversation.js';
import { FrameDecoder } from '../protocol/frame-decoder.js';
import {
  INIT_FRAME_BOUNDS,
  type InitFault,
  type InitMessage,
  parseInitMessage,
} from '../protocol/init-message.js';
import { encodeWorkerMessage, type WorkerMessage } from '../protocol/worker-message.js';
import { SANDBOX_ERRORS, SandboxError, type SandboxErrorCode } from '../sandbox-error.js';
import { printable } from './printable.js';

/** What an ERROR of init means, as long as no command has begun. */
const ERROR_CODES: Readonly<Record<InitFault, SandboxErrorCode>> = {
  protocol: 'protocol',
  workspace: 'engine_failed',
  file: 'files_refused',
  exec: 'exec_failed',
  resources: 'engine_failed',
};

/** Output is joined up to this size, so that a flood of tiny frames is no flood of calls. */
const JOINED_BYTES = 65_536;

type ErrorMessage = Extract<InitMessage, { type: 'error' }>;
/** What init may say beside ERROR, which is thrown. */
export type GoodMessage = Exclude<InitMessage, ErrorMessage>;

/**
 * The worker's end of the control stream: whole messages, each of them legal where it stands. What is wrong with the bytes from inside
 * is thrown as SandboxError with `began` right; the stream is broken from then on.
 */
export class ControlStream {
  readonly #stream: ByteStream;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new FrameDecoder(INIT_FRAME_BOUNDS);
  readonly #conversation = new Conversation();
  #programs = 0;
  #filling: Promise<void> | undefined;
  #held: InitMessage | undefined;
  #broken: SandboxError | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#chunks = stream.readable[Symbol.asyncIterator]();
  }

  get state(): ConversationState {
    return this.#conversation.state;
  }

  get artifactBytesLeft(): number {
    return this.#conversation.artifactBytesLeft;
  }

  /** Whether a command may have begun. */
  get began(): boolean {
    return this.#programs > 0;
  }

  /** Sends the messages in one write; resolves when they were taken. They leave in the order of the calls. */
  async send(...messages: readonly WorkerMessage[]): Promise<void> {
    for (const message of messages) {
      this.#conversation.send(message);
      if (message.type === 'exec') this.#programs += 1;
    }
    const [first, ...more] = messages.map(encodeWorkerMessage);
    if (first === undefined) return;
    try {
      await this.#stream.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
    } catch (cause) {
      throw new SandboxError('stream_ended', 'The sandbox took no more input', { began: this.began, cause });
    }
  }

  /** The next message, if it is here already. */
  take(): GoodMessage | undefined {
    const message = this.#held ?? this.#decode();
    this.#held = undefined;
    if (message === undefined) {
      if (this.#broken !== undefined) throw this.#broken;
      return undefined;
    }
    const { state } = this.#conversation;
    this.#checked(() => this.#conversation.receive(message));
    if (this.#broken !== undefined) throw this.#broken;
    if (message.type === 'error') throw this.#giveUp(message, state);
    if (message.type !== 'stdout' && message.type !== 'stderr') return message;
    return { type: message.type, bytes: this.#joined(message.type, message.bytes) };
  }

  /** The next message, awaited. */
  async next(): Promise<GoodMessage> {
    for (;;) {
      const message = this.take();
      if (message !== undefined) return message;
      await this.#fill();
    }
  }

  /** Awaits work during which init has nothing to say but ERROR, and rejects as soon as it says anything. */
  async duringSilence<T>(work: Promise<T>): Promise<T> {
    let silent = true;
    const listen = async () => {
      while (silent) {
        this.take();
        await this.#fill();
      }
    };
    const interrupted = new Promise<never>((_, reject) => listen().catch(reject));
    // An init that gives up says why and is gone: its reason is worth more than the failed write.
    const explained = work.catch((error: unknown) => {
      if (error instanceof SandboxError && error.code === 'stream_ended') return interrupted;
      throw error;
    });
    try {
      return await Promise.race([interrupted, explained]);
    } finally {
      silent = false;
    }
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#read().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #read(): Promise<void> {
    const ended = (cause?: unknown) =>
      new SandboxError('stream_ended', SANDBOX_ERRORS.stream_ended.meaning, { began: this.began, cause });
    let result: IteratorResult<Uint8Array>;
    try {
      result = await this.#chunks.next();
    } catch (cause) {
      this.#broken = ended(cause);
      return;
    }
    if (result.done === true) this.#broken = ended();
    else this.#decoder.push(result.value);
  }

  #decode(): InitMessage | undefined {
    if (this.#broken !== undefined) return undefined;
    return this.#checked(() => {
      const frame = this.#decoder.take();
      return frame === undefined ? undefined : parseInitMessage(frame);
    });
  }

  /** Takes the frames of the same stream that are here already, and leaves the first that is none for the next call. */
  #joined(type: 'stdout' | 'stderr', first: Uint8Array): Uint8Array {
    if (first.length >= JOINED_BYTES) return first;
    let bytes = first.length;
    let parts: Uint8Array[] | undefined;
    for (;;) {
      const next = this.#decode();
      if (next === undefined) break;
      if (next.type !== type || bytes + next.bytes.length > JOINED_BYTES) {
        this.#held = next;
        break;
      }
      parts ??= [first];
      parts.push(next.bytes);
      bytes += next.bytes.length;
    }
    return parts === undefined ? first : Buffer.concat(parts, bytes);
  }

  #checked<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      this.#broken = new SandboxError(error.code, `${SANDBOX_ERRORS.protocol.meaning}: ${error.message}`, {
        began: this.began,
      });
      return undefined;
    }
  }

  #giveUp(message: ErrorMessage, state: ConversationState): SandboxError {
    const text = `sandbox-init: ${printable(message.message, 200)}`;
    const first = this.#programs === 0 || (this.#programs === 1 && state === 'starting');
    this.#broken = first
      ? new SandboxError(ERROR_CODES[message.fault], text)
      : new SandboxError('protocol', text, { began: true });
    return this.#broken;
  }
}
