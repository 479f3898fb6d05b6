import { SKIP_REASONS, type SkippedArtifact } from '@fumehood/schema';
import { SandboxError } from '../sandbox-error.js';
import { encodeFrame, type Frame, MAX_PAYLOAD_BYTES } from './frame.js';
import type { FrameBounds } from './frame-decoder.js';
import { PayloadReader } from './payload-reader.js';
import { payload, string, u8, u16, u32, u64 } from './payload-writer.js';
import {
  MAX_SIGNAL,
  PROGRAM_KINDS,
  type ProgramExit,
  type ProgramKind,
  signalName,
  signalNumber,
} from './program.js';

/** What init says. All of it is hostile until checked, and none of it decides what the host's cgroup can decide. */
export type InitMessage =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'ready' }
  | { readonly type: 'started'; readonly kind: ProgramKind }
  | { readonly type: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly type: 'stdin_credit'; readonly bytes: number }
  | { readonly type: 'exit'; readonly kind: ProgramKind; readonly exit: ProgramExit }
  | { readonly type: 'artifact'; readonly path: string; readonly bytes: number }
  | { readonly type: 'artifact_data'; readonly bytes: Uint8Array }
  | { readonly type: 'artifact_skipped'; readonly path: string; readonly reason: SkippedArtifact['reason'] }
  | { readonly type: 'collected'; readonly collected: number; readonly skipped: number }
  | { readonly type: 'error'; readonly fault: InitFault; readonly message: string };

/** What an ERROR can be about; the protocol numbers them from 1. */
export const INIT_FAULTS = ['protocol', 'workspace', 'file', 'exec', 'resources'] as const;
export type InitFault = (typeof INIT_FAULTS)[number];

const HELLO = 0x81;
const READY = 0x82;
const STARTED = 0x83;
const STDOUT = 0x84;
const STDERR = 0x85;
const STDIN_CREDIT = 0x86;
const EXIT = 0x87;
const ARTIFACT = 0x88;
const ARTIFACT_DATA = 0x89;
const ARTIFACT_SKIPPED = 0x8a;
const COLLECTED = 0x8b;
const ERROR = 0x8f;

const MAGIC = 'FHIN';
/** User and system time and resident set size of EXIT. The host's cgroup says these, so they are not read. */
const RUSAGE_BYTES = 24;
const MAX_STRING_BYTES = 4096;

export const INIT_FRAME_BOUNDS: FrameBounds = {
  [HELLO]: [6, 6],
  [READY]: [0, 0],
  [STARTED]: [1, 1],
  [STDOUT]: [1, MAX_PAYLOAD_BYTES],
  [STDERR]: [1, MAX_PAYLOAD_BYTES],
  [STDIN_CREDIT]: [4, 4],
  [EXIT]: [3 + RUSAGE_BYTES, 3 + RUSAGE_BYTES],
  [ARTIFACT]: [12, 12 + MAX_STRING_BYTES],
  [ARTIFACT_DATA]: [1, MAX_PAYLOAD_BYTES],
  [ARTIFACT_SKIPPED]: [5, 5 + MAX_STRING_BYTES],
  [COLLECTED]: [8, 8],
  [ERROR]: [6, 6 + MAX_STRING_BYTES],
};

/** Throws SandboxError `protocol` when the frame is not in order. */
export function parseInitMessage(frame: Frame): InitMessage {
  if (frame.flags !== 0 || frame.channel !== 0)
    throw new SandboxError('protocol', 'a frame with flags or a channel');
  // Output comes by the thousand and has no fields.
  if (frame.type === STDOUT) return { type: 'stdout', bytes: frame.payload };
  if (frame.type === STDERR) return { type: 'stderr', bytes: frame.payload };
  if (frame.type === ARTIFACT_DATA) return { type: 'artifact_data', bytes: frame.payload };
  const reader = new PayloadReader(frame.payload);
  const message = parseFields(frame.type, reader);
  reader.end();
  return message;
}

function parseFields(type: number, reader: PayloadReader): InitMessage {
  switch (type) {
    case HELLO:
      if (reader.u32() !== Buffer.from(MAGIC).readUInt32BE())
        throw new SandboxError('protocol', 'a HELLO of something else');
      return { type: 'hello', version: reader.u16() };
    case READY:
      return { type: 'ready' };
    case STARTED:
      return { type: 'started', kind: oneOf(PROGRAM_KINDS, reader.u8()) };
    case STDIN_CREDIT:
      return { type: 'stdin_credit', bytes: reader.u32() };
    case EXIT: {
      const kind = oneOf(PROGRAM_KINDS, reader.u8());
      const exit = exitOf(reader.u8(), reader.u8());
      reader.ignore(RUSAGE_BYTES);
      return { type: 'exit', kind, exit };
    }
    case ARTIFACT:
      return { type: 'artifact', path: reader.string(), bytes: reader.u64() };
    case ARTIFACT_SKIPPED: {
      const reason = oneOf(SKIP_REASONS, reader.u8());
      return { type: 'artifact_skipped', path: reader.string(), reason };
    }
    case COLLECTED:
      return { type: 'collected', collected: reader.u32(), skipped: reader.u32() };
    case ERROR: {
      const fault = oneOf(INIT_FAULTS, reader.u16() - 1);
      return { type: 'error', fault, message: reader.string() };
    }
    default:
      throw new SandboxError('protocol', `a frame of the unknown type 0x${type.toString(16)}`);
  }
}

function exitOf(how: number, value: number): ProgramExit {
  if (how === 0) return { code: value, signal: null };
  if (how === 1 && value >= 1 && value <= MAX_SIGNAL) return { code: null, signal: signalName(value) };
  throw new SandboxError('protocol', `an EXIT of kind ${how} with the value ${value}`);
}

function oneOf<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new SandboxError('protocol', `the number ${index} stands for nothing here`);
  return value;
}

/** The inside's half of the codec: the fake engine and the tests speak it. */
export function encodeInitMessage(message: InitMessage): Uint8Array {
  switch (message.type) {
    case 'hello':
      return encodeFrame(HELLO, payload(Buffer.from(MAGIC), u16(message.version)));
    case 'ready':
      return encodeFrame(READY);
    case 'started':
      return encodeFrame(STARTED, u8(PROGRAM_KINDS.indexOf(message.kind)));
    case 'stdout':
      return encodeFrame(STDOUT, message.bytes);
    case 'stderr':
      return encodeFrame(STDERR, message.bytes);
    case 'stdin_credit':
      return encodeFrame(STDIN_CREDIT, u32(message.bytes));
    case 'exit': {
      const { exit } = message;
      const how = exit.signal === null ? [0, exit.code] : [1, signalNumber(exit.signal)];
      return encodeFrame(
        EXIT,
        payload(u8(PROGRAM_KINDS.indexOf(message.kind)), Uint8Array.from(how), new Uint8Array(RUSAGE_BYTES)),
      );
    }
    case 'artifact':
      return encodeFrame(ARTIFACT, payload(string(message.path), u64(message.bytes)));
    case 'artifact_data':
      return encodeFrame(ARTIFACT_DATA, message.bytes);
    case 'artifact_skipped':
      return encodeFrame(
        ARTIFACT_SKIPPED,
        payload(u8(SKIP_REASONS.indexOf(message.reason)), string(message.path)),
      );
    case 'collected':
      return encodeFrame(COLLECTED, payload(u32(message.collected), u32(message.skipped)));
    case 'error':
      return encodeFrame(
        ERROR,
        payload(u16(INIT_FAULTS.indexOf(message.fault) + 1), string(message.message)),
      );
    default:
      return message satisfies never;
  }
}
