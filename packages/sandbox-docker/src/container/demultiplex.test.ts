import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demultiplex } from './demultiplex.js';

const frame = (stream: number, payload: Uint8Array | string): Buffer => {
  const header = Buffer.alloc(8);
  const bytes = Buffer.from(payload);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

async function* chunks(...parts: readonly Uint8Array[]) {
  yield* parts;
}

/** What comes out on both streams. */
async function taken(source: AsyncIterable<Uint8Array>) {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  for await (const chunk of demultiplex(source, (part) => stderr.push(part))) stdout.push(chunk);
  return {
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    yields: stdout.length,
  };
}

describe('the multiplexed stream', () => {
  it('is taken apart into stdout and stderr', async () => {
    const { stdout, stderr } = await taken(chunks(frame(1, 'out'), frame(2, 'err'), frame(1, 'put')));
    expect({ stdout, stderr }).toEqual({ stdout: 'output', stderr: 'err' });
  });

  it('may bring thousands of tiny frames in one chunk', async () => {
    const count = 33_000;
    const one = Buffer.concat(Array.from({ length: count }, () => frame(1, 'x')));
    const { stdout, yields } = await taken(chunks(one));
    expect(stdout).toBe('x'.repeat(count));
    expect(yields).toBe(1);
  });

  it('may be cut anywhere', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (list, sizes) => {
          const whole = Buffer.concat(list.map(([stream, payload]) => frame(stream, payload)));
          const parts: Buffer[] = [];
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            parts.push(whole.subarray(at, at + size));
            at += size;
          }
          const of = (wanted: number) =>
            Buffer.concat(
              list.filter(([stream]) => stream === wanted).map(([, payload]) => payload),
            ).toString();
          const { stdout, stderr } = await taken(chunks(...parts));
          expect({ stdout, stderr }).toEqual({ stdout: of(1), stderr: of(2) });
        },
      ),
    );
  });

  it('passes a payload on while it comes, however long its header says that it is', async () => {
    const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    const reading = demultiplex(chunks(header, Buffer.from('a'), Buffer.from('b')), () => undefined);
    expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe('a');
    expect(Buffer.from((await reading.next()).value ?? []).toString()).toBe('b');
    await expect(reading.next()).rejects.toMatchObject({ code: 'stream_ended' });
  });

  it('is not read ahead of its reader', async () => {
    let given = 0;
    async function* source() {
      for (;;) {
        given += 1;
        yield frame(1, 'x');
      }
    }
    const reading = demultiplex(source(), () => undefined);
    await reading.next();
    await reading.next();
    expect(given).toBe(2);
    await reading.return();
  });

  it.each([
    ['of an unknown kind', Buffer.from([7, 0, 0, 0, 0, 0, 0, 1, 65])],
    ['with something in its reserved bytes', Buffer.from([1, 9, 0, 0, 0, 0, 0, 1, 65])],
    ['that is no frame at all', Buffer.from('HTTP/1.1 500 Internal Server Error')],
  ])('is refused at a frame %s', async (_, bytes) => {
    await expect(taken(chunks(bytes))).rejects.toMatchObject({ code: 'engine_failed' });
  });
});
