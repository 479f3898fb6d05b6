import { LIMIT_NAMES } from '@fumehood/schema';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatBytes, formatLimit, formatMs } from './quantity.js';

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1536, '1.5 KiB'],
  [536_870_912, '512 MiB'],
  [536_870_913, '536870913 bytes'],
  [2 ** 31, '2 GiB'],
])('says %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
  [50, '50 ms'],
  [1000, '1 s'],
  [1500, '1.5 s'],
  [1234, '1234 ms'],
  [90_000, '1.5 min'],
  [3_600_000, '1 h'],
  [86_400_000, '1 d'],
])('says %d milliseconds as %s', (ms, text) => expect(formatMs(ms)).toBe(text));

it('is exact for any value', () => {
  const units: Record<string, number> = { byte: 1, bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  const times: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const parse = (text: string, table: Record<string, number>) => {
    const [value, unit] = text.split(' ');
    return Number(value) * (table[unit ?? ''] ?? Number.NaN);
  };
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => {
      expect(parse(formatBytes(bytes), units)).toBe(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 31 }), (ms) => {
      expect(parse(formatMs(ms), times)).toBeCloseTo(ms, 5);
    }),
  );
});

it('has a unit for every limit that has one', () => {
  for (const name of LIMIT_NAMES) expect(/ /.test(formatLimit(name, 2048))).toBe(/(Bytes|Ms)$/.test(name));
});
