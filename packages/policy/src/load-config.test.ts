import { execFileSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from './api-key.js';
import { loadConfig } from './load-config.js';
import { policyDigest } from './policy-digest.js';
import { PolicyError } from './policy-error.js';
import { GOOD_CONFIG, KEY, POLICY, TENANTS } from './testing/config-files.js';
import { policyOf } from './testing/samples.js';
import { tempDir } from './testing/temp-dir.js';

async function refusalOf(files: Readonly<Record<string, string>>): Promise<PolicyError> {
  await using dir = await tempDir(files);
  const error = await loadConfig(dir.path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PolicyError)) throw new Error(`was not refused: ${error}`);
  return error;
}

describe('a configuration folder', () => {
  it('gives policies with digests, tenants, and keys by their hash', async () => {
    await using dir = await tempDir({
      ...GOOD_CONFIG,
      'policies/README.md': 'not a policy',
      'policies/.swap.yaml': ']',
    });
    const config = await loadConfig(dir.path, () => new Date(0));
    const policy = policyOf({ name: 'default', runtimes: { python: {} } });
    expect(config.policies).toEqual(new Map([['default', { policy, digest: policyDigest(policy) }]]));
    expect([...config.tenants.keys()]).toEqual(['acme']);
    expect(config.keys.get(hashApiKey(KEY))).toEqual({ tenant: 'acme', keyId: 'acme-1', scopes: ['jobs'] });
    expect(config.loadedAt).toEqual(new Date(0));
  });

  it('may be made of symbolic links, as Kubernetes mounts them', async () => {
    await using dir = await tempDir({
      '..data/tenants.yaml': TENANTS,
      '..data/policies/default.yaml': POLICY,
    });
    await symlink('..data/tenants.yaml', join(dir.path, 'tenants.yaml'));
    await symlink('..data/policies', join(dir.path, 'policies'));
    expect((await loadConfig(dir.path)).policies.size).toBe(1);
  });

  it('may name a tenant constructor', async () => {
    await using dir = await tempDir({
      ...GOOD_CONFIG,
      'tenants.yaml': TENANTS.replace('acme:', 'constructor:'),
    });
    expect((await loadConfig(dir.path)).tenants.get('constructor')?.policies).toEqual(['default']);
  });
});

describe('a refusal', () => {
  it('names file, line, column, path and what would be right', async () => {
    const policy = `${POLICY}limits:\n  ceilings:\n    memoryBytes: 512 MiB\n`;
    const error = await refusalOf({ ...GOOD_CONFIG, 'policies/default.yaml': policy });
    expect(error.message).toBe(
      'policies/default.yaml:7:18 /limits/ceilings/memoryBytes: expected a number, found the text "512 MiB"',
    );
    expect(error).toMatchObject({
      code: 'invalid',
      file: 'policies/default.yaml',
      path: '/limits/ceilings/memoryBytes',
      reason: 'expected a number, found the text "512 MiB"',
      problems: [{ line: 7, column: 18 }],
    });
  });

  it('comes with everything that is wrong in every file', async () => {
    const error = await refusalOf({
      'tenants.yaml': TENANTS.replace('id: acme-1', 'id: ACME'),
      'policies/a.yaml': POLICY.replace('name: default', 'name: default\nprivileged: true'),
      'policies/b.yaml': 'name: [',
      'policies/c.yaml': POLICY.replace('  python: {}', '  python:'),
    });
    expect(error.message.split('\n').map((line) => line.replace(/; known here.*/, ''))).toEqual([
      'policies/a.yaml:3:1: unknown key "privileged"',
      expect.stringMatching(/^policies\/b\.yaml:1:\d+: .*flow/i),
      'policies/c.yaml:4:10 /runtimes/python: expected an object, found nothing (an empty object is written {}, an empty list [])',
      expect.stringMatching(/^tenants\.yaml:6:13 \/tenants\/acme\/keys\/0\/id: expected a key id/),
    ]);
  });

  it.each([
    ['a missing key', POLICY.replace('name: default\n', ''), ':1:1 /name: is missing; expected a string'],
    ['an empty file', '', ': expected an object, found nothing'],
    ['a list', '- a\n', ':1:1: expected an object, found a list'],
    [
      'a bad runtime name',
      POLICY.replace('python:', 'Python!:'),
      ':4:3 /runtimes/Python!: expected a runtime name',
    ],
    [
      'a default above its ceiling',
      `${POLICY}limits: { ceilings: { pids: 10 } }\n`,
      ':5:9 /limits/defaults/pids: the default 64, the built-in one, is above',
    ],
  ])('says what is wrong with %s', async (_what, text, message) => {
    const error = await refusalOf({ ...GOOD_CONFIG, 'policies/default.yaml': text });
    expect(error.message).toContain(`policies/default.yaml${message}`);
  });

  it('meets two policies of one name', async () => {
    const error = await refusalOf({ ...GOOD_CONFIG, 'policies/other.yaml': POLICY });
    expect(error.message).toBe(
      'policies/other.yaml:2:7 /name: policies/default.yaml already holds a policy named default',
    );
  });

  it('meets a tenant whose policy is nowhere', async () => {
    const error = await refusalOf({
      ...GOOD_CONFIG,
      'tenants.yaml': TENANTS.replace('[default]', '[default, heavy]'),
    });
    expect(error.message).toBe(
      'tenants.yaml:4:25 /tenants/acme/policies/1: no file in policies/ holds a policy named heavy; there are: default',
    );
  });

  it.each([
    ['an empty folder', {}, ['tenants.yaml: does not exist', 'policies: does not exist']],
    [
      'no policy',
      { 'tenants.yaml': TENANTS, 'policies/x.txt': '' },
      ['policies: holds no policy; expected at least one file such as default.yaml'],
    ],
    [
      'a file of a mebibyte',
      { ...GOOD_CONFIG, 'policies/big.yaml': '#'.repeat(1024 * 1024) },
      ['policies/big.yaml: is larger than 512 KiB'],
    ],
    [
      'a folder for a file',
      { ...GOOD_CONFIG, 'policies/dir.yaml/x': '' },
      ['policies/dir.yaml: is not a regular file'],
    ],
  ])('meets %s as unreadable', async (_what, files, lines) => {
    const error = await refusalOf(files);
    expect(error.code).toBe('unreadable');
    expect(error.message.split('\n')).toEqual(lines);
  });

  it('meets bytes that are not UTF-8', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    await dir.write('tenants.yaml', Buffer.from([0xff, 0xfe]));
    await expect(loadConfig(dir.path)).rejects.toThrow('tenants.yaml: is not UTF-8 text');
  });

  it('meets a FIFO without waiting for a writer', async () => {
    await using dir = await tempDir(GOOD_CONFIG);
    execFileSync('mkfifo', [join(dir.path, 'policies/pipe.yaml')]);
    await expect(loadConfig(dir.path)).rejects.toThrow('policies/pipe.yaml: is not a regular file');
  });

  it('never shows a key that was pasted into the file', async () => {
    const secret = 'fh_Zm9yIHRoZSBleWVzIG9mIG5vYm9keSBidXQgeW91cnM';
    const error = await refusalOf({
      ...GOOD_CONFIG,
      'tenants.yaml': TENANTS.replace(/keys:[\s\S]*/, `keys: ${secret}\n`),
    });
    expect(error.message).toContain('expected an array, found a text');
    expect(error.message).not.toContain(secret);
  });
});
