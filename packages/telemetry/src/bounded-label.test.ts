import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundedLabel } from './bounded-label.js';

it('keeps the first values and turns all others into "other", for any values in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), fc.integer({ min: 0, max: 10 }), (values, max) => {
      const label = boundedLabel(max);
      const first = [...new Set(values)].slice(0, max);
      expect(values.map(label)).toEqual(values.map((value) => (first.includes(value) ? value : 'other')));
    }),
  );
});

it('treats names of Object.prototype like any other', () => {
  const label = boundedLabel(1);
  expect(['__proto__', 'constructor', '__proto__'].map(label)).toEqual(['__proto__', 'other', '__proto__']);
});
