import { describe, expect, it } from 'vitest';
import { EgressRuleSchema } from './egress-rule.js';

const accepts = (host: string) => EgressRuleSchema.safeParse({ host }).success;

describe('the host of an egress rule', () => {
  it.each([
    'example.com',
    '*.example.com',
    'a.b.c.example.co',
    'xn--bcher-kva.example',
    '1.example',
    `${'a'.repeat(63)}.com`,
  ])('may be %s', (host) => {
    expect(accepts(host)).toBe(true);
  });

  it.each([
    '',
    '*',
    '*.*',
    '*.',
    'example',
    'localhost',
    'Example.com',
    'example.com.',
    '.example.com',
    'a..b',
    'a*.example.com',
    'api.*.com',
    '*.*.com',
    '-a.example',
    'a-.example',
    'a_b.example',
    'exämple.com',
    'example.com:443',
    'https://example.com',
    'example.com/path',
    'user@example.com',
    'a b.com',
    'a.com\0',
    'a.com\n',
    '127.0.0.1',
    '10.1',
    '0x7f.1',
    '::1',
    '[::1]',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ])('is not %j', (host) => {
    expect(accepts(host)).toBe(false);
  });
});

it('an egress rule without ports means 443', () => {
  expect(EgressRuleSchema.parse({ host: 'example.com' })).toEqual({ host: 'example.com', ports: [443] });
});

it.each([[[]], [[0]], [[65_536]], [[443.5]], [['443']], [443], [null], [Array(33).fill(1)]])(
  'the ports are not %j',
  (ports) => {
    expect(EgressRuleSchema.safeParse({ host: 'example.com', ports }).success).toBe(false);
  },
);
