import { describe, expect, it } from 'vitest';
import { type BuildEvent, buildEvents } from './build-progress.js';

async function events(...chunks: readonly string[]): Promise<readonly BuildEvent[]> {
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const all: BuildEvent[] = [];
  for await (const event of buildEvents(source())) all.push(event);
  return all;
}
const message = (value: unknown) => `${JSON.stringify(value)}\r\n`;

describe('the messages of a build', () => {
  it('become lines, whatever pieces they come in', async () => {
    const text = message({ stream: 'Step 1/2 : FROM ' }) + message({ stream: 'x\n\n ---> abc\nhalf' });
    for (const cut of [1, 7, 30, text.length]) {
      expect(await events(text.slice(0, cut), text.slice(cut))).toEqual([
        { type: 'line', line: 'Step 1/2 : FROM x' },
        { type: 'line', line: ' ---> abc' },
        { type: 'line', line: 'half' },
      ]);
    }
  });

  it('lose colours and carriage returns', async () => {
    expect(await events(message({ stream: '\u001b[31mred\u001b[0m\r10%\r100%\n' }))).toEqual([
      { type: 'line', line: 'red' },
      { type: 'line', line: '10%' },
      { type: 'line', line: '100%' },
    ]);
  });

  it('name the image, or what went wrong', async () => {
    expect(
      await events(
        message({ aux: { ID: 'sha256:abc' } }),
        message({ error: 'no', errorDetail: { code: 1 } }),
      ),
    ).toEqual([
      { type: 'image', digest: 'sha256:abc' },
      { type: 'error', message: 'no' },
    ]);
  });

  it('that make no sense are passed over', async () => {
    expect(await events('nonsense\n', '{"stream": 7}\n', '[]\n', 'null\n')).toEqual([]);
  });

  it('without an end are refused, and lines without one are cut', async () => {
    await expect(events('x'.repeat(1_000_001))).rejects.toThrow('without an end');
    const [line] = await events(message({ stream: 'y'.repeat(10_000) }));
    expect(line).toEqual({ type: 'line', line: 'y'.repeat(4_000) });
  });
});
