import { LIMIT_NAMES, LimitsSchema } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from './built-in-limits.js';
import { PolicySchema } from './policy-schema.js';

const smallest = { apiVersion: 'fumehood/v1', name: 'small', runtimes: { python: {} } };
const issuesOf = (part: Record<string, unknown>) =>
  (PolicySchema.safeParse({ ...smallest, ...part }).error?.issues ?? []).map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));

describe('the built-in limits', () => {
  it('are limits, and no default is above its ceiling', () => {
    for (const name of LIMIT_NAMES)
      expect(BUILT_IN_DEFAULTS[name]).toBeLessThanOrEqual(BUILT_IN_CEILINGS[name]);
    expect(LimitsSchema.parse(BUILT_IN_DEFAULTS)).toEqual(BUILT_IN_DEFAULTS);
    expect(LimitsSchema.parse(BUILT_IN_CEILINGS)).toEqual(BUILT_IN_CEILINGS);
  });
});

describe('a policy', () => {
  it('is complete once it is parsed, however little was written', () => {
    expect(PolicySchema.parse(smallest)).toEqual({
      ...smallest,
      isolation: { allowed: ['container'], default: 'container' },
      limits: { defaults: BUILT_IN_DEFAULTS, ceilings: BUILT_IN_CEILINGS },
      egress: [],
      lanes: ['interactive', 'batch'],
      queue: { defaultTimeoutMs: 600_000, maxTimeoutMs: 3_600_000 },
      allowRetryOnLoss: true,
      retention: { resultMs: 86_400_000 },
    });
  });

  it('parses to itself', () => {
    const policy = PolicySchema.parse(smallest);
    expect(PolicySchema.parse(policy)).toEqual(policy);
  });

  it('may set some of the limits and leave the rest', () => {
    const { limits } = PolicySchema.parse({
      ...smallest,
      limits: { ceilings: { cpus: 8 }, defaults: { pids: 10 } },
    });
    expect(limits.ceilings).toEqual({ ...BUILT_IN_CEILINGS, cpus: 8 });
    expect(limits.defaults).toEqual({ ...BUILT_IN_DEFAULTS, pids: 10 });
  });

  it.each(LIMIT_NAMES)('has no default %s above its ceiling', (name) => {
    const ceiling = BUILT_IN_CEILINGS[name];
    const [issue, ...others] = issuesOf({ limits: { defaults: { [name]: ceiling + 1 } } });
    expect(issue).toMatchObject({
      path: `limits.defaults.${name}`,
      message: expect.stringContaining('above the ceiling'),
    });
    expect(issue?.message).toContain(
      `set limits.defaults.${name} to at most ${ceiling}, or raise limits.ceilings.${name}`,
    );
    expect(others).toEqual([]);
  });

  it('says when it is the built-in default that a lowered ceiling is at odds with', () => {
    const [issue] = issuesOf({ limits: { ceilings: { memoryBytes: 128 * 1024 * 1024 } } });
    expect(issue).toEqual({
      path: 'limits.defaults.memoryBytes',
      message:
        'the default 512 MiB, the built-in one, is above the ceiling 128 MiB; ' +
        'set limits.defaults.memoryBytes to at most 134217728, or raise limits.ceilings.memoryBytes',
    });
  });

  it.each([
    ['an unknown key', { privileged: true }, '', /unknown key "privileged"; known here: apiVersion, name,/],
    [
      'an unknown limit',
      { limits: { ceilings: { memory: 1 } } },
      'limits.ceilings',
      /known here: wallTimeMs, .*memoryBytes/,
    ],
    [
      'an unknown key of a runtime',
      { runtimes: { python: { image: 'x' } } },
      'runtimes.python',
      /known here: images/,
    ],
    ['another version', { apiVersion: 'v2' }, 'apiVersion', /fumehood\/v1/],
    ['a bad name', { name: 'Default' }, 'name', /lower-case/],
    ['no runtimes', { runtimes: {} }, 'runtimes', /at least one runtime/],
    [
      'a tag for an image',
      { runtimes: { python: { images: ['python:3'] } } },
      'runtimes.python.images.0',
      /sha256: and 64/,
    ],
    ['an empty list of images', { runtimes: { python: { images: [] } } }, 'runtimes.python.images', />=1/],
    [
      'a default tier that is not allowed',
      { isolation: { default: 'gvisor' } },
      'isolation.default',
      /not among the allowed tiers: container/,
    ],
    ['a tier twice', { isolation: { allowed: ['gvisor', 'gvisor'] } }, 'isolation.allowed', /twice/],
    [
      'a longer default wait than the longest',
      { queue: { maxTimeoutMs: 1000 } },
      'queue.defaultTimeoutMs',
      /10 min is above maxTimeoutMs, 1 s/,
    ],
    ['no lane', { lanes: [] }, 'lanes', />=1/],
    ['a limit of 0', { limits: { defaults: { pids: 0 } } }, 'limits.defaults.pids', />=4/],
    [
      'a URL for a host',
      { egress: [{ host: 'https://example.com' }] },
      'egress.0.host',
      /lower-case host name/,
    ],
    ['an address for a host', { egress: [{ host: '10.0.0.1' }] }, 'egress.0.host', /lower-case host name/],
    ['port 0', { egress: [{ host: 'example.com', ports: [0] }] }, 'egress.0.ports.0', />=1/],
    ['results kept for no time', { retention: { resultMs: 0 } }, 'retention.resultMs', />=60000/],
  ])('does not have %s', (_what, part, path, message) => {
    expect(issuesOf(part)).toContainEqual({ path, message: expect.stringMatching(message) });
  });
});
