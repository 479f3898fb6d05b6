import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeText } from './safe-text.js';

it('makes one line of text that would move a cursor, turn text around or fake another line', () => {
  expect(safeText('a\n\u001b[2Jb\u202ec\u0000 d\r\n')).toBe('a [2Jb c  d');
});

it('cuts long text and says so', () => {
  expect(safeText('x'.repeat(1_000), 10)).toBe('xxxxxxxxxx…');
});

it('leaves nothing unsafe of any text, and stays within the length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      const safe = safeText(text, max);
      expect(safe.length).toBeLessThanOrEqual(max + 1);
      expect(safe).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
