import { expect, it } from 'vitest';
import { WaitSchema } from './duration.js';

it.each([
  ['0s', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['2m', 120_000],
  ['120s', 120_000],
])('reads %s', (text, ms) => {
  expect(WaitSchema.parse(text)).toBe(ms);
});

it.each(['', '30', 's', '-1s', '1.5s', '1h', '30 s', '30S', '121s', '3m', '1e3ms', '9999999ms', '٣s'])(
  'refuses %j',
  (text) => {
    expect(WaitSchema.safeParse(text).success).toBe(false);
  },
);
