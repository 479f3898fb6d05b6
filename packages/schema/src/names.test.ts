import { describe, expect, it } from 'vitest';
import {
  DigestSchema,
  JobIdSchema,
  PolicyNameSchema,
  RuntimeNameSchema,
  TenantNameSchema,
  TimestampSchema,
  WorkerIdSchema,
} from './names.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe.each([
  [
    'a tenant',
    TenantNameSchema,
    ['a', 'acme-1', '1', 'x'.repeat(63)],
    ['', '-a', 'a-', 'A', 'a_b', 'a.b', 'x'.repeat(64), 'a\n'],
  ],
  ['a policy', PolicyNameSchema, ['default', 'no-network'], ['', 'Default', 'a/b', '..', 'a ', 'a\n']],
  [
    'a runtime',
    RuntimeNameSchema,
    ['c++', 'c#', 'python3.11', 'x'.repeat(32)],
    ['', '.net', '__proto__', 'C', 'a/b', 'x'.repeat(33), 'a\n'],
  ],
  ['a worker', WorkerIdSchema, ['host.example-1', 'a'], ['', '-a', 'a.', 'Host', 'a_b', 'a\n']],
  [
    'a job',
    JobIdSchema,
    [`job_${'0'.repeat(26)}`],
    [
      'job_',
      `job_${'0'.repeat(25)}`,
      `job_${'u'.repeat(26)}`,
      `JOB_${'0'.repeat(26)}`,
      `job_${'0'.repeat(26)}\n`,
    ],
  ],
  [
    'a digest',
    DigestSchema,
    [digest],
    [digest.toUpperCase(), digest.slice(7), `${digest}0`, 'python:3', `${digest}\n`],
  ],
  [
    'a moment',
    TimestampSchema,
    ['2026-01-31T23:59:59.123Z'],
    ['2026-01-31', '2026-01-31T23:59:59Z', '2026-01-31T23:59:59.123+01:00', '2026-02-30T00:00:00.000Z'],
  ],
])('the name of %s', (_what, schema, good, bad) => {
  it.each(good)('may be %j', (name) => {
    expect(schema.safeParse(name).success).toBe(true);
  });
  it.each(bad)('is not %j', (name) => {
    expect(schema.safeParse(name).success).toBe(false);
  });
});
