import { describe, expect, it } from 'vitest';
import { addKey } from './add-key.js';
import { generateApiKey, hashApiKey } from './api-key.js';

const before = `# Who may use the fleet.
apiVersion: fumehood/v1

tenants:
  # The first tenant.
  acme:
    policies: [default] # the first serves requests that name none
    keys:
      - id: old # replace in March
        sha256: "${'0'.repeat(64)}"
        scopes: [jobs]

  empty: # nobody yet
    policies: [default]
    keys: []
  none: { policies: [default] }
`;
const sha256 = 'c'.repeat(64);
const key = { tenant: 'acme', keyId: 'new', sha256, scopes: ['jobs', 'fleet'] } as const;

describe('an API key', () => {
  it('is 256 random bits behind a prefix, and is stored as its SHA-256', () => {
    const made = generateApiKey();
    expect(made.key).toMatch(/^fh_[A-Za-z0-9_-]{43}$/);
    expect(made.sha256).toBe(hashApiKey(made.key));
    expect(made.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(generateApiKey().key).not.toBe(made.key);
  });
});

describe('adding a key', () => {
  it('changes nothing but the list of keys', () => {
    const added = `      - id: new\n        sha256: "${sha256}"\n        scopes: [jobs, fleet]\n`;
    const at = before.indexOf('\n  empty:');
    expect(addKey(before, key)).toBe(`${before.slice(0, at)}${added}${before.slice(at)}`);
  });

  it.each([
    ['ends without a newline', before.slice(0, before.indexOf('\n\n  empty:'))],
    ['has a comment after the last key', `${before.slice(0, before.indexOf('\n  empty:'))}      # the end\n`],
    [
      'has its list at the left',
      "apiVersion: fumehood/v1\ntenants:\n  acme:\n    policies: [a]\n    keys:\n    - id: '1'\n      sha256: '" +
        'a'.repeat(64) +
        "' # last\n",
    ],
  ])('works for a file that %s', (_what, text) => {
    const after = addKey(text, { ...key, keyId: '2', sha256: '2'.repeat(64) });
    for (const line of text.split('\n')) expect(after.split('\n')).toContain(line);
    expect(after.split('\n').filter((line) => !text.split('\n').includes(line) && line !== '')).toHaveLength(
      3,
    );
    expect(after).toMatch(/\n$/);
  });

  it.each(['empty', 'none'])('works for the tenant %s, which has none yet', (tenant) => {
    const after = addKey(before, { ...key, tenant });
    expect(after).toContain(sha256);
    expect(after).toContain('# replace in March');
    expect(after.split('\n').length).toBeGreaterThanOrEqual(before.split('\n').length);
  });

  it('refuses an unknown tenant, and names those there are', () => {
    expect(() => addKey(before, { ...key, tenant: 'nobody' })).toThrow(
      'tenants.yaml /tenants: there is no tenant nobody; there are: acme, empty, none',
    );
  });

  it.each([
    ['an id that occurs already', { keyId: 'old' }, /already has a key with this id/],
    ['a key that occurs already', { sha256: '0'.repeat(64) }, /already has a key with this sha256/],
    ['a bad id', { keyId: 'No Spaces' }, /expected a key id/],
    ['a key in place of its hash', { sha256: 'fh_x' }, /never stored/],
  ])('refuses %s', (_what, part, message) => {
    expect(() => addKey(before, { ...key, ...part })).toThrow(message);
  });

  it('refuses a text that is no tenants.yaml', () => {
    expect(() => addKey('a: [', key)).toThrow(/^tenants\.yaml: /);
    expect(() => addKey('', key)).toThrow('there are: none');
  });
});
