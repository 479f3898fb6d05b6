import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SandboxError } from '../sandbox-error.js';
import { arbitraryInitMessage } from '../testing/arbitrary-init-message.js';
import { encodeFrame, type Frame, MAX_PAYLOAD_BYTES } from './frame.js';
import { FrameDecoder } from './frame-decoder.js';
import { encodeInitMessage, INIT_FRAME_BOUNDS, type InitMessage, parseInitMessage } from './init-message.js';
import { PROGRAM_KINDS } from './program.js';
import {
  encodeWorkerMessage,
  WORKER_FRAME_BOUNDS,
  type WorkerMessage,
  WorkerMessageParser,
} from './worker-message.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const size = fc.maxSafeNat();
const bytes = fc.uint8Array({ minLength: 1, maxLength: 500 });

const workerMessage: fc.Arbitrary<WorkerMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello'), version: fc.nat({ max: 0xffff }) }),
  fc.record({ type: fc.constant('file'), path: text, executable: fc.boolean(), bytes: size }),
  fc.record({ type: fc.constantFrom('file_data', 'stdin'), bytes }),
  fc.record({
    type: fc.constant('exec'),
    kind: fc.constantFrom(...PROGRAM_KINDS),
    cwd: text,
    argv: fc.array(text, { maxLength: 5 }),
    env: fc.array(text, { maxLength: 5 }),
    openFiles: size,
    fileSizeBytes: size,
    cpuSeconds: size,
  }),
  fc.record({ type: fc.constantFrom('stdin_end', 'kill') }),
  fc.record({
    type: fc.constant('collect'),
    patterns: fc.array(text, { maxLength: 5 }),
    maxCount: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
    maxBytes: size,
  }),
);

function framesOf(
  stream: Uint8Array,
  bounds: ConstructorParameters<typeof FrameDecoder>[0],
): readonly Frame[] {
  const decoder = new FrameDecoder(bounds);
  decoder.push(stream);
  const frames: Frame[] = [];
  for (let frame = decoder.take(); frame !== undefined; frame = decoder.take()) frames.push(frame);
  return frames;
}

const plain = (message: InitMessage | WorkerMessage | undefined) =>
  message !== undefined && 'bytes' in message && typeof message.bytes !== 'number'
    ? { ...message, bytes: [...message.bytes] }
    : message;

describe('a message of init', () => {
  it('comes through its frames unchanged', () => {
    fc.assert(
      fc.property(fc.array(arbitraryInitMessage, { maxLength: 8 }), (messages) => {
        const stream = Buffer.concat(messages.map(encodeInitMessage));
        expect(framesOf(stream, INIT_FRAME_BOUNDS).map(parseInitMessage).map(plain)).toEqual(
          messages.map(plain),
        );
      }),
    );
  });

  it('parses from any payload, or is refused with one error', () => {
    const frame = fc.record({
      type: fc.constantFrom(...Object.keys(INIT_FRAME_BOUNDS).map(Number)),
      flags: fc.constantFrom(0, 0, 0, 1),
      channel: fc.constantFrom(0, 0, 0, 1),
      payload: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(frame, (hostile) => {
        try {
          parseInitMessage(hostile);
        } catch (error) {
          expect(error).toBeInstanceOf(SandboxError);
          expect(error).toMatchObject({ code: 'protocol' });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a HELLO without the magic', 0x81, Buffer.from('NOPE\0\x01')],
    ['a STARTED of an unknown kind', 0x83, Uint8Array.of(2)],
    ['an EXIT that is neither by code nor by signal', 0x87, Uint8Array.of(1, 2, 0, ...new Uint8Array(24))],
    ['an EXIT by signal 0', 0x87, Uint8Array.of(1, 1, 0, ...new Uint8Array(24))],
    ['an EXIT by signal 65', 0x87, Uint8Array.of(1, 1, 65, ...new Uint8Array(24))],
    [
      'an ARTIFACT whose path is longer than its payload',
      0x88,
      Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0),
    ],
    ['an ARTIFACT of 2^64 bytes less one', 0x88, Uint8Array.of(0, 0, 0, 0, ...new Uint8Array(8).fill(255))],
    ['an ARTIFACT with bytes too many', 0x88, new Uint8Array(13)],
    ['an ARTIFACT_SKIPPED for no reason', 0x8a, Uint8Array.of(7, 0, 0, 0, 0)],
    ['an ERROR with the code 0', 0x8f, new Uint8Array(6)],
  ])('is refused: %s', (_, type, payload) => {
    expect(() => parseInitMessage({ type, flags: 0, channel: 0, payload })).toThrow(SandboxError);
  });

  it.each([
    [11, 'SIGSEGV'],
    [6, 'SIGABRT'],
    [29, 'SIGIO'],
    [34, 'SIGRTMIN+0'],
    [64, 'SIGRTMIN+30'],
    [33, 'SIG33'],
  ])('names the signal %i as %s', (number, name) => {
    const payload = Uint8Array.of(1, 1, number, ...new Uint8Array(24));
    expect(parseInitMessage({ type: 0x87, flags: 0, channel: 0, payload })).toMatchObject({
      exit: { code: null, signal: name },
    });
  });
});

describe('a message of the worker', () => {
  it('comes through its frames unchanged', () => {
    fc.assert(
      fc.property(fc.array(workerMessage, { maxLength: 8 }), (messages) => {
        const parser = new WorkerMessageParser();
        const stream = Buffer.concat(messages.map(encodeWorkerMessage));
        const parsed = framesOf(stream, WORKER_FRAME_BOUNDS).map((frame) => parser.parse(frame));
        expect(parsed.map(plain)).toEqual(messages.map(plain));
      }),
    );
  });

  it('spans frames when arguments and environment are long', () => {
    const exec: WorkerMessage = {
      type: 'exec',
      kind: 'run',
      cwd: '',
      argv: ['sh', 'x'.repeat(MAX_PAYLOAD_BYTES)],
      env: ['A=b'],
      openFiles: 1,
      fileSizeBytes: 2,
      cpuSeconds: 3,
    };
    const frames = framesOf(encodeWorkerMessage(exec), WORKER_FRAME_BOUNDS);
    expect(frames.map((frame) => frame.flags)).toEqual([1, 0]);
    const parser = new WorkerMessageParser();
    expect(frames.map((frame) => parser.parse(frame))).toEqual([undefined, exec]);
  });

  it('never has a payload that is too long', () => {
    expect(() => encodeFrame(1, new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow(RangeError);
  });
});
