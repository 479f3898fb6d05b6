import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputEntry } from '../scripts/write-output.js';
import { createOutputBuffer, type OutputStream } from './output-buffer.js';

const bytesOf = (entry: OutputEntry) => Buffer.from(entry.data, entry.encoding);
const takeAll = (buffer: ReturnType<typeof createOutputBuffer>) => {
  const entries: OutputEntry[] = [];
  for (let batch = buffer.take({ last: true }); batch.length > 0; batch = buffer.take({ last: true }))
    entries.push(...batch);
  return entries;
};

const chunk = fc.record({
  stream: fc.constantFrom<OutputStream>('stdout', 'stderr'),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  ),
  takes: fc.boolean(),
});

describe('the output buffer', () => {
  it('gives back every byte in order, at the offset that it has in its stream', () => {
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const buffer = createOutputBuffer();
        const entries: OutputEntry[] = [];
        for (const { stream, bytes, takes } of chunks) {
          buffer.push(stream, bytes);
          if (takes) entries.push(...buffer.take({ last: false }));
        }
        entries.push(...takeAll(buffer));
        expect(buffer.size).toBe(0);
        for (const stream of ['stdout', 'stderr'] as const) {
          const own = entries.filter((entry) => entry.stream === stream);
          let offset = 0;
          for (const entry of own) {
            expect(entry.offset).toBe(offset);
            expect(bytesOf(entry).length).toBe(entry.bytes);
            offset += entry.bytes;
          }
          const sent = Buffer.concat(
            chunks.filter((each) => each.stream === stream).map((each) => each.bytes),
          );
          expect(Buffer.concat(own.map(bytesOf)).equals(sent)).toBe(true);
        }
      }),
    );
  });

  it('never splits a character, wherever the chunks and events end', () => {
    const text = 'añ€𝄞'.repeat(20_000);
    const bytes = Buffer.from(text);
    const buffer = createOutputBuffer();
    for (let at = 0; at < bytes.length; at += 7) buffer.push('stdout', bytes.subarray(at, at + 7));
    const entries = takeAll(buffer);
    expect(new Set(entries.map(({ encoding }) => encoding))).toEqual(new Set(['utf8']));
    expect(Math.max(...entries.map((entry) => entry.bytes))).toBeLessThanOrEqual(32 * 1024 + 3);
    expect(entries.map(({ data }) => data).join('')).toBe(text);
  });

  it('joins what belongs together and keeps the order of the streams', () => {
    const buffer = createOutputBuffer();
    for (const [stream, text] of [
      ['stdout', 'a'],
      ['stdout', 'b'],
      ['stderr', 'c'],
      ['stdout', 'd'],
    ] as const) {
      buffer.push(stream, Buffer.from(text));
    }
    expect(buffer.take({ last: false }).map(({ stream, data, offset }) => [stream, data, offset])).toEqual([
      ['stdout', 'ab', 0],
      ['stderr', 'c', 0],
      ['stdout', 'd', 2],
    ]);
  });

  it('shows by the offsets what was dropped', () => {
    const buffer = createOutputBuffer();
    buffer.push('stdout', Buffer.from('€').subarray(0, 2));
    expect(buffer.take({ last: false })).toEqual([]);
    buffer.push('stdout', Buffer.alloc(100, 'x'));
    buffer.push('stdout', Buffer.alloc(50, 'y'));
    buffer.bound(300);
    expect(buffer.size).toBe(50);
    const entries = takeAll(buffer);
    expect(entries.map(({ offset, bytes, encoding }) => [offset, bytes, encoding])).toEqual([
      [0, 2, 'base64'],
      [102, 50, 'utf8'],
    ]);
  });

  it('is bounded also when every chunk is a single byte', () => {
    const buffer = createOutputBuffer();
    for (let index = 0; index < 200_000; index++) {
      buffer.push('stdout', Buffer.of(0x61));
      buffer.bound(1024 * 1024);
    }
    expect(buffer.size).toBeLessThan(10_000);
    expect(takeAll(buffer).at(-1)).toMatchObject({ encoding: 'utf8' });
  });

  it('takes a hundred thousand tiny chunks in its stride', () => {
    const buffer = createOutputBuffer();
    for (let index = 0; index < 100_000; index++) buffer.push('stdout', Buffer.of(0x61));
    expect(takeAll(buffer).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(100_000);
  });
});
