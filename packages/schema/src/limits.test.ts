import { describe, expect, it } from 'vitest';
import { LIMIT_NAMES, type LimitName, LimitsSchema, PartialLimitsSchema } from './limits.js';

const boundsOf = (name: LimitName) => {
  const { minValue, maxValue } = LimitsSchema.shape[name];
  if (minValue === null || maxValue === null) throw new Error(`${name} has no bounds`);
  return [minValue, maxValue] as const;
};

describe.each(LIMIT_NAMES)('the limit %s', (name) => {
  const [min, max] = boundsOf(name);
  const accepts = (value: unknown) => PartialLimitsSchema.safeParse({ [name]: value }).success;

  it('takes its bounds', () => {
    expect([min, max].map(accepts)).toEqual([true, true]);
  });

  it.each([
    min - 1,
    max + 1,
    -1,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    '1',
    `${min}`,
    true,
    [min],
    {},
  ])('refuses %j', (value) => {
    expect(accepts(value)).toBe(false);
  });

  it('says its unit and what happens when it is passed', () => {
    const description = LimitsSchema.shape[name].description ?? '';
    if (name.endsWith('Ms')) expect(description).toContain('milliseconds');
    if (name.endsWith('Bytes')) expect(description.toLowerCase()).toContain('bytes');
    expect(description.length).toBeGreaterThan(40);
  });
});

it('only CPUs may be fractions', () => {
  const fractions = LIMIT_NAMES.filter(
    (name) => PartialLimitsSchema.safeParse({ [name]: boundsOf(name)[0] + 0.5 }).success,
  );
  expect(fractions).toEqual(['cpus']);
});

it('zero is a limit only where there may be none of something', () => {
  const zero = LIMIT_NAMES.filter((name) => PartialLimitsSchema.safeParse({ [name]: 0 }).success);
  expect(zero).toEqual(['artifactCount', 'artifactBytes', 'inputBytes']);
});

it('unknown limits are refused with the names of the known ones, in part and in full', () => {
  for (const schema of [LimitsSchema, PartialLimitsSchema]) {
    const messages = schema.safeParse({ memory: 1 }).error?.issues.map(({ message }) => message);
    expect(messages).toContainEqual(`unknown key "memory"; known here: ${LIMIT_NAMES.join(', ')}`);
  }
});
