import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_BYTES, recordOutput, TAIL_BYTES } from './output-recorder.js';

async function record(chunks: readonly Uint8Array[]) {
  const spooled: Uint8Array[] = [];
  const recorder = recordOutput(async (content) => {
    for await (const chunk of content) spooled.push(chunk);
    return { path: '.fumehood/stdout' };
  });
  for (const chunk of chunks) await recorder.write(chunk);
  return { output: await recorder.finish(), spooled: Buffer.concat(spooled) };
}

const EDGES = HEAD_BYTES + TAIL_BYTES;

describe('the record of an output stream', () => {
  it('holds a short stream whole, as text, and stores nothing', async () => {
    const { output, spooled } = await record([Buffer.from('grüß '), Buffer.from('Gott\n')]);
    expect(output).toEqual({
      encoding: 'utf8',
      head: 'grüß Gott\n',
      tail: '',
      totalBytes: 12,
      omittedBytes: 0,
    });
    expect(spooled.length).toBe(0);
  });

  it('holds a stream that is not UTF-8 as base64', async () => {
    const { output } = await record([Buffer.from([0xff, 0x00, 0xfe])]);
    expect(output).toMatchObject({ encoding: 'base64', head: '/wD+', totalBytes: 3 });
  });

  it('keeps head and tail of a long stream, and stores all of it', async () => {
    const text = Buffer.from(Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`).join(''));
    const { output, spooled } = await record([text.subarray(0, 100_000), text.subarray(100_000)]);
    expect(output.artifact).toBe('.fumehood/stdout');
    expect(output.head).toBe(text.subarray(0, HEAD_BYTES).toString());
    expect(output.tail).toBe(text.subarray(text.length - TAIL_BYTES).toString());
    expect(output.omittedBytes).toBe(text.length - EDGES);
    expect(spooled.equals(text)).toBe(true);
  });

  it('leaves out a character that the cut would split, instead of calling the text binary', async () => {
    const { output } = await record([Buffer.from(`x${'€'.repeat(60_000)}`)]);
    expect(output.encoding).toBe('utf8');
    expect(output.head).toMatch(/^x€+$/);
    expect(output.tail).toMatch(/^€+$/);
    expect(Buffer.byteLength(output.head + output.tail) + output.omittedBytes).toBe(output.totalBytes);
  });

  it('rejects the next write when the store fails', async () => {
    const recorder = recordOutput(async (content) => {
      for await (const _ of content) throw new Error('store is full');
      return { path: '' };
    });
    const writeAll = async () => {
      for (let i = 0; i < 10; i++) await recorder.write(Buffer.alloc(EDGES));
    };
    await expect(writeAll()).rejects.toThrow('store is full');
  });

  it('never loses or invents a byte, however the stream is cut into chunks', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        let next = 0;
        const chunks = sizes.map((size) => Buffer.from(Array.from({ length: size }, () => next++ % 251)));
        const whole = Buffer.concat(chunks);
        const { output, spooled } = await record(chunks);
        const head = Buffer.from(output.head, output.encoding);
        const tail = Buffer.from(output.tail, output.encoding);
        expect(output.totalBytes).toBe(whole.length);
        expect(head.length + tail.length + output.omittedBytes).toBe(whole.length);
        expect(whole.subarray(0, head.length).equals(head)).toBe(true);
        expect(whole.subarray(whole.length - tail.length).equals(tail)).toBe(true);
        expect(spooled.equals(whole.length > EDGES ? whole : Buffer.alloc(0))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
