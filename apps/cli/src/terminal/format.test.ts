import { describe, expect, it } from 'vitest';
import { formatBytes, formatMs, parseBytes, parseMs } from './format.js';

describe('durations and sizes', () => {
  it.each([
    ['512m', 512 * 1024 ** 2],
    ['1.5g', 1.5 * 1024 ** 3],
    ['64KiB', 65_536],
    ['64kb', 65_536],
    ['1024', 1024],
  ])('reads the size %s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['250', 250],
  ])('reads the duration %s', (text, ms) => expect(parseMs(text)).toBe(ms));

  it.each(['', 'x', '-1', '1 2', '5x', 'NaN', '1e9'])('refuses %j', (text) => {
    expect(parseBytes(text)).toBeUndefined();
    expect(parseMs(text)).toBeUndefined();
  });

  it('writes them for people', () => {
    expect([3.12, 42, 999, 1_234, 61_000].map(formatMs)).toEqual([
      '3.1 ms',
      '42 ms',
      '999 ms',
      '1.2 s',
      '1 min 1 s',
    ]);
    expect([12, 3_500, 512 * 1024 ** 2, 1.5 * 1024 ** 3].map(formatBytes)).toEqual([
      '12 B',
      '3.4 KiB',
      '512 MiB',
      '1.5 GiB',
    ]);
  });
});
