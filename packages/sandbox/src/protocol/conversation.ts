import { SandboxError } from '../sandbox-error.js';
import { PROTOCOL_VERSION } from './frame.js';
import type { InitMessage } from './init-message.js';
import type { ProgramKind } from './program.js';
import type { WorkerMessage } from './worker-message.js';

/** Where the conversation stands, seen from outside. */
export type ConversationState =
  | 'greeting'
  | 'readying'
  | 'idle'
  | 'starting'
  | 'running'
  | 'ended'
  | 'collecting'
  | 'receiving'
  | 'over';

/** What init may say in each state. All else is a protocol error. */
const FROM_INIT: Readonly<Record<ConversationState, readonly InitMessage['type'][]>> = {
  greeting: ['hello', 'error'],
  readying: ['ready', 'error'],
  idle: ['error'],
  starting: ['started', 'error'],
  running: ['stdout', 'stderr', 'stdin_credit', 'exit', 'error'],
  ended: ['error'],
  collecting: ['artifact', 'artifact_skipped', 'collected', 'error'],
  receiving: ['artifact_data'],
  over: [],
};

/** The states in which the worker may say each thing. Whatever else it says is a mistake in this package. */
const FROM_WORKER: Readonly<Record<WorkerMessage['type'], readonly ConversationState[]>> = {
  hello: ['readying'],
  file: ['idle'],
  file_data: ['idle'],
  exec: ['idle', 'ended'],
  stdin: ['running'],
  stdin_end: ['starting', 'running'],
  kill: ['starting', 'running'],
  collect: ['ended'],
};

/** Bytes of stdin that may be under way, unread by the command. */
export const STDIN_WINDOW_BYTES = 262_144;
/** Most files that one collection may list as skipped. */
const MAX_SKIPPED = 1_000;

/** Holds both sides to the protocol: what was said so far decides what may be said next. */
export class Conversation {
  #state: ConversationState = 'greeting';
  #kind: ProgramKind = 'run';
  /** What init may still grant: the window, and what it was sent since. */
  #grantable = 0;
  #artifactBytesLeft = 0;
  #skipped = 0;

  get state(): ConversationState {
    return this.#state;
  }

  /** Bytes of the artifact at hand that have not come yet. */
  get artifactBytesLeft(): number {
    return this.#artifactBytesLeft;
  }

  /** Takes note of what the worker is about to send. */
  send(message: WorkerMessage): void {
    if (!FROM_WORKER[message.type].includes(this.#state)) {
      throw new TypeError(`${message.type} may not be sent while ${this.#state}`);
    }
    if (message.type === 'exec') {
      this.#state = 'starting';
      this.#kind = message.kind;
      this.#grantable = STDIN_WINDOW_BYTES;
    } else if (message.type === 'stdin') {
      this.#grantable += message.bytes.length;
    } else if (message.type === 'collect') {
      this.#state = 'collecting';
    }
  }

  /** Takes note of what init said. Throws SandboxError `protocol` when it may not say that now. */
  receive(message: InitMessage): void {
    if (!FROM_INIT[this.#state].includes(message.type)) throw refusal(`${message.type} while ${this.#state}`);
    switch (message.type) {
      case 'stdout':
      case 'stderr':
        return;
      case 'hello':
        if (message.version !== PROTOCOL_VERSION) throw refusal(`version ${message.version} of the protocol`);
        this.#state = 'readying';
        return;
      case 'ready':
        this.#state = 'idle';
        return;
      case 'started':
      case 'exit':
        if (message.kind !== this.#kind)
          throw refusal(`${message.type} of ${message.kind}, not of ${this.#kind}`);
        this.#state = message.type === 'started' ? 'running' : 'ended';
        return;
      case 'stdin_credit':
        if (message.bytes === 0 || message.bytes > this.#grantable)
          throw refusal(`a credit of ${message.bytes} bytes`);
        this.#grantable -= message.bytes;
        return;
      case 'artifact':
        this.#artifactBytesLeft = message.bytes;
        if (message.bytes > 0) this.#state = 'receiving';
        return;
      case 'artifact_data':
        if (message.bytes.length > this.#artifactBytesLeft) throw refusal('more bytes than the artifact has');
        this.#artifactBytesLeft -= message.bytes.length;
        if (this.#artifactBytesLeft === 0) this.#state = 'collecting';
        return;
      case 'artifact_skipped':
        this.#skipped += 1;
        if (this.#skipped > MAX_SKIPPED) throw refusal(`more than ${MAX_SKIPPED} skipped artifacts`);
        return;
      case 'collected':
      case 'error':
        this.#state = 'over';
        return;
      default:
        message satisfies never;
    }
  }
}

const refusal = (what: string) => new SandboxError('protocol', `init said ${what}`);
