import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SandboxError } from '../sandbox-error.js';
import { encodeFrame, type Frame, HEADER_BYTES, MAX_PAYLOAD_BYTES } from './frame.js';
import { FrameDecoder } from './frame-decoder.js';

const BOUNDS = { 1: [0, MAX_PAYLOAD_BYTES], 2: [4, 8] } as const;

/** Decodes chunks as they would come; what is wrong with them is the last item. */
function decode(chunks: Iterable<Uint8Array>): readonly (Frame | string)[] {
  const decoder = new FrameDecoder(BOUNDS);
  const frames: (Frame | string)[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame = decoder.take(); frame !== undefined; frame = decoder.take()) frames.push(frame);
    }
    if (!decoder.isBetweenFrames) frames.push('cut');
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    frames.push(error.code);
  }
  return frames;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

const header = (type: number, length: number) => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes[0] = type;
  bytes.writeUInt32BE(length, 4);
  return bytes;
};

describe('the frame decoder', () => {
  it('gives the same frames however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 200 }),
        (payloads, sizes) => {
          const bytes = Buffer.concat(payloads.map((payload) => encodeFrame(1, payload, 3)));
          const frames = decode(cut(bytes, sizes));
          expect(frames).toHaveLength(payloads.length);
          for (const [index, frame] of frames.entries()) {
            if (typeof frame === 'string') throw new Error(frame);
            expect({ ...frame, payload: [...frame.payload] }).toEqual({
              type: 1,
              flags: 3,
              channel: 0,
              payload: [...(payloads[index] ?? [])],
            });
          }
        },
      ),
    );
  });

  it('parses any bytes or refuses them with one error, in every cut alike', () => {
    const frameLike = fc
      .tuple(fc.constantFrom(1, 2, 0, 255), fc.nat({ max: 12 }), fc.uint8Array({ maxLength: 12 }))
      .map(([type, length, rest]) => Buffer.concat([header(type, length), rest]));
    const anything = fc.array(fc.oneof(frameLike, fc.uint8Array({ maxLength: 30 })), { maxLength: 12 });
    fc.assert(
      fc.property(anything, fc.array(fc.nat({ max: 9 }), { maxLength: 60 }), (parts, sizes) => {
        const bytes = Buffer.concat(parts);
        const summary = (frames: readonly (Frame | string)[]) =>
          frames.map((frame) => (typeof frame === 'string' ? frame : [frame.type, frame.payload.length]));
        const whole = summary(decode([bytes]));
        expect(summary(decode(cut(bytes, sizes)))).toEqual(whole);
      }),
    );
  });

  it('refuses an unknown type at its header', () => {
    expect(decode([header(9, 0)])).toEqual(['protocol']);
  });

  it('refuses a payload that is too long at its header, before any of it has come', () => {
    expect(decode([header(1, MAX_PAYLOAD_BYTES + 1)])).toEqual(['protocol']);
    expect(decode([header(1, 0xff_ff_ff_ff)])).toEqual(['protocol']);
  });

  it('refuses a payload that is shorter than its type can be', () => {
    expect(decode([header(2, 3)])).toEqual(['protocol']);
  });

  it('takes the largest payload in single bytes', () => {
    const payload = Buffer.alloc(MAX_PAYLOAD_BYTES, 7);
    const bytes = encodeFrame(1, payload);
    const frames = decode(cut(bytes, Array(bytes.length).fill(1)));
    expect(frames).toEqual([{ type: 1, flags: 0, channel: 0, payload: new Uint8Array(payload) }]);
  });

  it('takes a chunk of a hundred thousand empty frames without recursion', () => {
    const bytes = Buffer.concat(Array(100_000).fill(encodeFrame(1)));
    expect(decode([bytes])).toHaveLength(100_000);
  });

  it('gives a payload that lies in one chunk as a view, not a copy', () => {
    const bytes = encodeFrame(1, Uint8Array.of(1, 2, 3));
    const [frame] = decode([bytes]);
    expect(typeof frame === 'object' && frame.payload.buffer === bytes.buffer).toBe(true);
  });

  it('tells a stream that ends inside a frame', () => {
    expect(decode([header(1, 4), Uint8Array.of(1, 2)])).toEqual(['cut']);
    expect(decode([header(1, 4).subarray(0, 5)])).toEqual(['cut']);
  });
});
