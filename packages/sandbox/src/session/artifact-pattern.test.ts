import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern } from './artifact-pattern.js';

describe('an artifact pattern', () => {
  it.each([
    ['out.png', 'out.png', true],
    ['out.png', 'out.png.bak', false],
    ['*.png', 'a.png', true],
    ['*.png', '.png', true],
    ['*.png', 'dir/a.png', false],
    ['*', '.hidden', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?c', 'a😀c', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['out/*', 'out/a', true],
    ['out/*', 'out/a/b', false],
    ['out/**', 'out/a/b', true],
    ['out/**', 'out', false],
    ['**', 'a/b/c', true],
    ['**/*.csv', 'a.csv', true],
    ['**/*.csv', 'x/y/a.csv', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b/**/c', 'a/b/x/b/y/c', true],
    ['a**b', 'a/b', false],
    ['a**b', 'axxb', true],
    ['[a]', '[a]', true],
    ['[a]', 'a', false],
  ])('%s over %s: %s', (pattern, path, expected) => {
    expect(matchesPattern(pattern, path)).toBe(expected);
  });

  it('agrees with a regular expression that says the same', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 4 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    const toSource = (parts: readonly string[]): string =>
      parts
        .map((one, index) => {
          const isLast = index === parts.length - 1;
          if (one === '**') return isLast ? '.+' : '(?:[^/]+/)*';
          const source = one.replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
          return isLast ? source : `${source}/`;
        })
        .join('');
    const parts = fc.array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.array(name, { minLength: 1, maxLength: 4 }), (pattern, path) => {
        const expected = new RegExp(`^${toSource(pattern)}$`).test(path.join('/'));
        expect(matchesPattern(pattern.join('/'), path.join('/'))).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no exponential time over many wildcards', () => {
    const pattern = `${'**/a*a*a*/'.repeat(20)}b`;
    const path = `${`${'a'.repeat(50)}/`.repeat(20)}c`;
    expect(matchesPattern(pattern, path)).toBe(false);
  });
});
