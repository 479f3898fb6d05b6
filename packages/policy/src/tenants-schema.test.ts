import { describe, expect, it } from 'vitest';
import { TenantsSchema } from './tenants-schema.js';

const HASH = 'a'.repeat(64);
const key = { id: 'k1', sha256: HASH };
const documentOf = (tenants: Record<string, unknown>) => ({ apiVersion: 'fumehood/v1', tenants });
const issuesOf = (tenants: Record<string, unknown>) =>
  (TenantsSchema.safeParse(documentOf(tenants)).error?.issues ?? []).map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));

describe('a tenants document', () => {
  it('fills in what a tenant leaves out', () => {
    expect(TenantsSchema.parse(documentOf({ acme: { policies: ['default'], keys: [key] } })).tenants).toEqual(
      {
        acme: { policies: ['default'], weight: 1, maxQueued: 10_000, keys: [{ ...key, scopes: ['jobs'] }] },
      },
    );
  });

  it('may lock a tenant out, and not all of them', () => {
    const locked = { policies: ['default'] };
    expect(issuesOf({ acme: { ...locked, keys: [key] }, old: locked })).toEqual([]);
    expect(issuesOf({ old: locked })).toEqual([
      { path: 'tenants', message: expect.stringContaining('no tenant has a key') },
    ]);
  });

  it('has each key id and each key once', () => {
    const tenants = {
      acme: { policies: ['default'], keys: [key, { id: 'k2', sha256: 'b'.repeat(64) }] },
      other: { policies: ['default'], keys: [{ id: 'k2', sha256: HASH }] },
    };
    expect(issuesOf(tenants)).toEqual([
      {
        path: 'tenants.other.keys.0.id',
        message: expect.stringContaining('tenant acme already has a key with this id'),
      },
      {
        path: 'tenants.other.keys.0.sha256',
        message: expect.stringContaining('tenant acme already has a key with this sha256'),
      },
    ]);
  });

  it.each([
    ['no policy', { policies: [] }, 'policies', />=1/],
    ['a policy twice', { policies: ['a', 'a'] }, 'policies', /twice/],
    ['a weight of 0', { weight: 0 }, 'weight', />=0.1/],
    ['a weight of infinity', { weight: Number.POSITIVE_INFINITY }, 'weight', /number/],
    ['room for no job', { maxQueued: 0 }, 'maxQueued', />=1/],
    [
      'a key itself where its hash belongs',
      { keys: [{ id: 'k', sha256: 'fh_secret' }] },
      'keys.0.sha256',
      /never stored/,
    ],
    ['an upper-case hash', { keys: [{ id: 'k', sha256: 'A'.repeat(64) }] }, 'keys.0.sha256', /lower-case/],
    [
      'an unknown scope',
      { keys: [{ ...key, scopes: ['jobs', 'root'] }] },
      'keys.0.scopes.1',
      /"jobs"\|"fleet"/,
    ],
    [
      'a key without the scope jobs',
      { keys: [{ ...key, scopes: ['fleet'] }] },
      'keys.0.scopes',
      /has the scope jobs/,
    ],
    ['an unknown key', { quota: 1 }, '', /known here: policies, weight, maxQueued, keys/],
  ])('does not have a tenant with %s', (_what, part, path, message) => {
    expect(issuesOf({ acme: { policies: ['default'], keys: [key], ...part } })).toContainEqual({
      path: ['tenants', 'acme', ...(path === '' ? [] : [path])].join('.'),
      message: expect.stringMatching(message),
    });
  });

  it('never repeats a key that was pasted in place of its hash', () => {
    const issues = issuesOf({ acme: { policies: ['default'], keys: [{ id: 'k', sha256: 'fh_secret' }] } });
    expect(JSON.stringify(issues)).not.toContain('fh_secret');
  });
});
