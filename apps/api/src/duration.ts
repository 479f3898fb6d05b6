import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
/** Longest that a request may wait for a job to end; proxies cut longer ones off. */
const MAX_WAIT_MS = 120_000;

/** A duration in a query string, `500ms`, `30s` or `2m`; parsed to milliseconds. */
export const WaitSchema = z
  .string()
  .regex(/^\d{1,6}(?:ms|s|m)$/, 'expected a duration such as 500ms, 30s or 2m')
  .transform((text) => {
    const [, count, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
    return Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  })
  .refine((ms) => ms <= MAX_WAIT_MS, { error: 'expected at most 2m' });
