import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SseMessage, sseParser } from './sse-parser.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function parse(...chunks: Uint8Array[]): SseMessage[] {
  const parser = sseParser(100_000);
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('sseParser', () => {
  it('reads event, data and id, joins several data lines, and keeps the last id', () => {
    const text = 'id: 1-0\nevent: stdout\ndata: {"a":\ndata:  1}\n\ndata:x\n\n';
    expect(parse(bytes(text))).toEqual([
      { event: 'stdout', data: '{"a":\n 1}', id: '1-0' },
      { event: 'message', data: 'x', id: '1-0' },
    ]);
  });

  it('leaves out comments, unknown fields, ids with NUL, and events without data', () => {
    const text = ': heartbeat\n\nfoo: bar\nid: a\0b\nevent: lonely\n\nevent\ndata\n\n';
    expect(parse(bytes(text))).toEqual([{ event: 'message', data: '', id: '' }]);
  });

  it('gives nothing for an event that is not complete when the stream ends', () => {
    expect(parse(bytes('data: 1\n\ndata: 2\n'))).toEqual([{ event: 'message', data: '1', id: '' }]);
  });

  it('drops a byte-order mark at the start, and reads the pause that the server asks for', () => {
    const parser = sseParser(1_000);
    expect(parser.push(bytes('\ufeffretry: 1500\nretry: soon\ndata: 1\n\n'))).toEqual([
      { event: 'message', data: '1', id: '' },
    ]);
    expect(parser.retryMs).toBe(1500);
  });

  it('gives the same messages however the bytes are cut and whatever the lines end with', () => {
    const field = fc.oneof(
      fc
        .string({ unit: 'binary', maxLength: 12 })
        .map((value) => `data: ${value.replace(/[\r\n]|\p{Cs}/gu, '')}`),
      fc.constantFrom('event: stdout', 'id: 7-1', ': comment', 'data', 'data: ü€😀', '', 'other: field'),
    );
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(
        fc.array(field, { maxLength: 20 }),
        lineEnd,
        fc.array(fc.nat({ max: 40 })),
        (lines, end, cuts) => {
          const expected = parse(bytes(`${lines.join('\n')}\n\n`));
          const all = bytes(lines.join(end) + end + end);
          const chunks: Uint8Array[] = [];
          let from = 0;
          for (const size of cuts) {
            chunks.push(all.subarray(from, from + size));
            from += size;
          }
          expect(parse(...chunks, all.subarray(Math.min(from, all.length)))).toEqual(expected);
          expect(parse(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual(expected);
        },
      ),
    );
  });

  it.each([
    ['one endless line', 'data: ', 'x'.repeat(1_000)],
    ['endless data lines', '', 'data: x\n'],
    ['endless empty data lines', '', 'data\n'],
  ])('refuses %s past its bound, and not before', (_, start, more) => {
    const parser = sseParser(10_000);
    parser.push(bytes(start));
    const push = () => {
      for (let sent = 0; sent < 20_000; sent += more.length) parser.push(bytes(more));
    };
    expect(push).toThrow(expect.objectContaining({ code: 'bad_response' }));
    const roomy = sseParser(10_000);
    for (let index = 0; index < 100; index++) roomy.push(bytes(`data: ${'x'.repeat(1_000)}\n\n`));
  });

  it('takes a large event in small chunks in time that grows with its size alone', () => {
    const parser = sseParser(32 * 1024 * 1024);
    const chunk = bytes('x'.repeat(16_384));
    parser.push(bytes('data: '));
    for (let index = 0; index < 1_000; index++) parser.push(chunk);
    expect(parser.push(bytes('\n\n'))[0]?.data).toHaveLength(16_384_000);
  });
});
