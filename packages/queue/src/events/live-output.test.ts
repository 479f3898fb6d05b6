import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OutputEntry } from '../scripts/write-output.js';
import { createLiveOutput } from './live-output.js';

/** An append that a test answers when it likes. */
function gate() {
  const batches: OutputEntry[][] = [];
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    batches,
    open() {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
    append: async (entries: readonly OutputEntry[]) => {
      batches.push([...entries]);
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      return 'written' as const;
    },
  };
}
const total = (batches: readonly (readonly OutputEntry[])[]) =>
  batches.flat().reduce((sum, { bytes }) => sum + bytes, 0);
const ignore = () => undefined;

describe('live output', () => {
  it('is gathered for a moment and then written by itself', async () => {
    const { batches, append, open } = gate();
    open();
    const live = createLiveOutput(append, ignore);
    for (const text of ['a', 'b', 'c']) expect(live.write('stdout', Buffer.from(text))).toBeUndefined();
    expect(batches).toEqual([]);
    await delay(60);
    expect(batches.flat().map(({ data }) => data)).toEqual(['abc']);
  });

  it('is all written when a flush resolves, the beginning of a character too', async () => {
    const { batches, append, open } = gate();
    open();
    const live = createLiveOutput(append, ignore);
    live.write('stdout', Buffer.from('abc€').subarray(0, 5));
    await live.flush();
    expect(batches.flat().map(({ encoding, bytes }) => [encoding, bytes])).toEqual([
      ['utf8', 3],
      ['base64', 2],
    ]);
  });

  it('makes the job wait while more than 256 KiB are under way, but not for ever', async () => {
    const { append } = gate();
    const live = createLiveOutput(append, ignore);
    let waited = 0;
    for (let index = 0; index < 9; index++) {
      const wait = live.write('stdout', Buffer.alloc(64 * 1024));
      if (wait === undefined) continue;
      waited++;
      if (waited === 1) await wait;
    }
    expect(waited).toBeGreaterThan(0);
  });

  it('holds a bounded amount while nothing can be written, and drops the oldest', async () => {
    const { batches, append, open } = gate();
    const live = createLiveOutput(append, ignore);
    for (let index = 0; index < 100; index++) void live.write('stdout', Buffer.alloc(64 * 1024, index));
    open();
    await live.flush();
    expect(total(batches)).toBeLessThanOrEqual(1024 * 1024 + 256 * 1024);
    const last = batches.flat().at(-1);
    expect((last?.offset ?? 0) + (last?.bytes ?? 0)).toBe(100 * 64 * 1024);
  });

  it('stops when it is fenced, and reports what could not be written', async () => {
    const faults: unknown[] = [];
    let calls = 0;
    const live = createLiveOutput(
      async () => {
        if (++calls === 1) throw new Error('no');
        return 'fenced';
      },
      (error) => faults.push(error),
    );
    for (let index = 0; index < 3; index++) {
      live.write('stdout', Buffer.from('x'));
      await live.flush();
    }
    expect(calls).toBe(2);
    expect(faults.map(String)).toEqual(['Error: no']);
  });
});
