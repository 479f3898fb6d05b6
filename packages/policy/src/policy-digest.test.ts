import { expect, it } from 'vitest';
import { policyDigest } from './policy-digest.js';
import { PolicySchema } from './policy-schema.js';
import { policyOf } from './testing/samples.js';

it('is the same for what says the same', () => {
  const written = PolicySchema.parse({
    limits: { defaults: { cpus: 1.0 }, ceilings: {} },
    runtimes: { node: {}, python: {} },
    name: 'small',
    apiVersion: 'fumehood/v1',
  });
  expect(policyDigest(written)).toBe(policyDigest(policyOf()));
  expect(policyDigest(written)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

it('is another for any other rule', () => {
  const digests = [
    policyOf(),
    policyOf({ name: 'other' }),
    policyOf({ limits: { ceilings: { pids: 255 } } }),
    policyOf({ runtimes: { python: {} } }),
    policyOf({ egress: [{ host: 'example.com' }] }),
    policyOf({ allowRetryOnLoss: false }),
  ].map(policyDigest);
  expect(new Set(digests).size).toBe(digests.length);
});
