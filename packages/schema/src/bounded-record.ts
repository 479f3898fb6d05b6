import { z } from 'zod';

/**
 * A record of at most `max` members, counted before any of them is looked at: a hostile million costs no more than its counting.
 * A key `__proto__`, which zod's own record would leave out silently, is refused.
 */
export function boundedRecord<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  max: number,
  what: string,
) {
  const record = z.record(key, value);
  return z.preprocess((input: z.input<typeof record>, context) => {
    const fault = memberFault(input, max, what);
    if (fault === undefined) return input;
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  }, record);
}

/** What is wrong with the members as a whole. What is no object at all is left for the record itself to refuse. */
function memberFault(input: unknown, max: number, what: string): string | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  if (Object.hasOwn(input, '__proto__')) return 'the key "__proto__" is refused';
  let count = 0;
  for (const _key in input) {
    count += 1;
    if (count > max) return `at most ${max} ${what}`;
  }
  return undefined;
}
