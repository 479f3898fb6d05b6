import { SandboxError } from '../sandbox-error.js';
import { encodeFrame, type Frame, MAX_PAYLOAD_BYTES } from './frame.js';
import type { FrameBounds } from './frame-decoder.js';
import { PayloadReader } from './payload-reader.js';
import { list, payload, string, u8, u16, u32, u64 } from './payload-writer.js';
import { PROGRAM_KINDS, type ProgramKind } from './program.js';

/** What the worker says. init believes it. */
export type WorkerMessage =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'file'; readonly path: string; readonly executable: boolean; readonly bytes: number }
  | { readonly type: 'file_data'; readonly bytes: Uint8Array }
  | ExecMessage
  | { readonly type: 'stdin'; readonly bytes: Uint8Array }
  | { readonly type: 'stdin_end' }
  | { readonly type: 'kill' }
  | {
      readonly type: 'collect';
      readonly patterns: readonly string[];
      readonly maxCount: number;
      readonly maxBytes: number;
    };

export interface ExecMessage {
  readonly type: 'exec';
  readonly kind: ProgramKind;
  /** Relative to the workspace; empty for the workspace itself. */
  readonly cwd: string;
  readonly argv: readonly string[];
  /** Each is NAME=value. */
  readonly env: readonly string[];
  readonly openFiles: number;
  readonly fileSizeBytes: number;
  /** RLIMIT_CPU of each process: a second line of defence. The worker counts CPU time itself, from the cgroup. */
  readonly cpuSeconds: number;
}

const HELLO = 0x01;
const FILE = 0x02;
const FILE_DATA = 0x03;
const EXEC = 0x04;
const STDIN = 0x05;
const STDIN_END = 0x06;
const KILL = 0x07;
const COLLECT = 0x08;

const MORE_FOLLOWS = 1;

/** init has room for an EXEC of this size, all its frames together. */
export const MAX_EXEC_BYTES = 1_048_576;

export const WORKER_FRAME_BOUNDS: FrameBounds = {
  [HELLO]: [2, 2],
  [FILE]: [13, MAX_PAYLOAD_BYTES],
  [FILE_DATA]: [1, MAX_PAYLOAD_BYTES],
  [EXEC]: [1, MAX_PAYLOAD_BYTES],
  [STDIN]: [1, MAX_PAYLOAD_BYTES],
  [STDIN_END]: [0, 0],
  [KILL]: [0, 0],
  [COLLECT]: [16, MAX_PAYLOAD_BYTES],
};

/** The message as whole frames, in one piece. */
export function encodeWorkerMessage(message: WorkerMessage): Uint8Array {
  switch (message.type) {
    case 'hello':
      return encodeFrame(HELLO, u16(message.version));
    case 'file': {
      const mode = message.executable ? 1 : 0;
      return encodeFrame(FILE, payload(string(message.path), u8(mode), u64(message.bytes)));
    }
    case 'file_data':
      return encodeFrame(FILE_DATA, message.bytes);
    case 'exec':
      return encodeExec(message);
    case 'stdin':
      return encodeFrame(STDIN, message.bytes);
    case 'stdin_end':
      return encodeFrame(STDIN_END);
    case 'kill':
      return encodeFrame(KILL);
    case 'collect':
      return encodeFrame(
        COLLECT,
        payload(list(message.patterns), u32(message.maxCount), u64(message.maxBytes)),
      );
    default:
      return message satisfies never;
  }
}

/** Arguments and environment may be longer than a frame: all parts but the last say that more follows. */
function encodeExec(message: ExecMessage): Uint8Array {
  const whole = payload(
    u8(PROGRAM_KINDS.indexOf(message.kind)),
    string(message.cwd),
    list(message.argv),
    list(message.env),
    u64(message.openFiles),
    u64(message.fileSizeBytes),
    u64(message.cpuSeconds),
  );
  const frames: Uint8Array[] = [];
  for (let start = 0; start < whole.length; start += MAX_PAYLOAD_BYTES) {
    const end = start + MAX_PAYLOAD_BYTES;
    frames.push(encodeFrame(EXEC, whole.subarray(start, end), end < whole.length ? MORE_FOLLOWS : 0));
  }
  return payload(...frames);
}

/** Puts the worker's messages together again: the inside's half of the codec, spoken by the fake engine and the tests. */
export class WorkerMessageParser {
  #exec: Uint8Array[] = [];

  /** The message that the frame ends; `undefined` when more of it follows. Throws SandboxError `protocol`. */
  parse(frame: Frame): WorkerMessage | undefined {
    if (frame.channel !== 0 || (frame.flags !== 0 && frame.type !== EXEC)) {
      throw new SandboxError('protocol', 'a frame with flags or a channel');
    }
    if (frame.type === EXEC) this.#exec.push(frame.payload);
    else if (this.#exec.length > 0) throw new SandboxError('protocol', 'an EXEC that does not go on');
    if (frame.flags === MORE_FOLLOWS) return undefined;

    const reader = new PayloadReader(frame.type === EXEC ? payload(...this.#exec) : frame.payload);
    this.#exec = [];
    const message = parseFields(frame, reader);
    reader.end();
    return message;
  }
}

function parseFields(frame: Frame, reader: PayloadReader): WorkerMessage {
  switch (frame.type) {
    case HELLO:
      return { type: 'hello', version: reader.u16() };
    case FILE:
      return { type: 'file', path: reader.string(), executable: reader.u8() === 1, bytes: reader.u64() };
    case FILE_DATA:
      reader.ignore(frame.payload.length);
      return { type: 'file_data', bytes: frame.payload };
    case EXEC:
      return {
        type: 'exec',
        kind: reader.u8() === 0 ? 'compile' : 'run',
        cwd: reader.string(),
        argv: reader.list(),
        env: reader.list(),
        openFiles: reader.u64(),
        fileSizeBytes: reader.u64(),
        cpuSeconds: reader.u64(),
      };
    case STDIN:
      reader.ignore(frame.payload.length);
      return { type: 'stdin', bytes: frame.payload };
    case STDIN_END:
      return { type: 'stdin_end' };
    case KILL:
      return { type: 'kill' };
    case COLLECT:
      return { type: 'collect', patterns: reader.list(), maxCount: reader.u32(), maxBytes: reader.u64() };
    default:
      throw new SandboxError('protocol', `a frame of the unknown type 0x${frame.type.toString(16)}`);
  }
}
