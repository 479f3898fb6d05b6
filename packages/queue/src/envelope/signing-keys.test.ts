import { describe, expect, it } from 'vitest';
import { parseSigningKeys } from './signing-keys.js';

const secret = Buffer.alloc(32, 7).toString('base64');

describe('signing keys from a text', () => {
  it('are all accepted, and the first one signs', () => {
    const keys = parseSigningKeys(`new:${secret},old:${secret}`);
    expect(keys.current.id).toBe('new');
    expect(keys.accepted.map(({ id }) => id)).toEqual(['new', 'old']);
  });

  it.each([
    '',
    'k',
    `k:${Buffer.alloc(31).toString('base64')}`,
    `${secret}`,
    `:${secret}`,
    `a:${secret},a:${secret.replace('B', 'C')},`,
  ])('are refused when they are %j, without a secret in the message', (text) => {
    expect(() => parseSigningKeys(text)).toThrow(expect.objectContaining({ code: 'misconfigured' }));
    try {
      parseSigningKeys(text);
    } catch (error) {
      expect(String(error)).not.toContain(secret.slice(0, 12));
    }
  });
});
