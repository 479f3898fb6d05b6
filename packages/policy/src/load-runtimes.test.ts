import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRuntime, runtimeNames } from './find-runtime.js';
import { loadRuntimes } from './load-runtimes.js';
import { DIGEST, OTHER_DIGEST } from './testing/samples.js';
import { tempDir } from './testing/temp-dir.js';

const definition = (name: string, part: Record<string, unknown> = {}) =>
  JSON.stringify(
    { $schema: '../s.json', name, title: name, entry: 'main.x', run: ['/bin/x', '{entry}'], ...part },
    null,
    2,
  );
const lock = (images: Record<string, string>) =>
  JSON.stringify({
    version: 1,
    images: Object.fromEntries(
      Object.entries(images).map(([name, imageDigest]) => [
        name,
        { imageDigest, builtAt: '2026-01-01', sourceDigest: DIGEST },
      ]),
    ),
  });

async function loaded(files: Readonly<Record<string, string>>) {
  await using dir = await tempDir({ 'images/.keep/x': '', ...files });
  return await loadRuntimes(join(dir.path, 'images'), join(dir.path, 'lock.json'));
}

describe('the runtimes of a host', () => {
  it('are those that are defined and have an image; the others are told as missing', async () => {
    const runtimes = await loaded({
      'images/python/runtime.json': definition('python'),
      'images/node/runtime.json': definition('node', { aliases: { ts: { entry: 'main.ts' } } }),
      'images/bash/runtime.json': definition('bash'),
      'images/base/Dockerfile': 'FROM x',
      'lock.json': lock({ python: DIGEST, node: OTHER_DIGEST, gone: DIGEST }),
    });
    expect([...runtimes.keys()]).toEqual(['node', 'python']);
    expect(runtimes.get('python')).toEqual({
      name: 'python',
      title: 'python',
      aliases: {},
      entry: 'main.x',
      run: ['/bin/x', '{entry}'],
      env: {},
      minimums: {},
      imageDigest: DIGEST,
    });
    expect(runtimes.missing).toEqual([
      {
        name: 'bash',
        reason: expect.stringMatching(
          /lock\.json names no image for bash; build it with: fumehood image build bash$/,
        ),
      },
    ]);
  });

  it('are all missing where no image was built yet', async () => {
    const runtimes = await loaded({ 'images/constructor/runtime.json': definition('constructor') });
    expect(runtimes.size).toBe(0);
    expect(runtimes.missing).toMatchObject([{ name: 'constructor' }]);
  });

  it.each([
    ['a definition that is no JSON', { 'images/a/runtime.json': '{' }, /^a\/runtime\.json.*: is not JSON: /],
    [
      'an unknown key',
      { 'images/a/runtime.json': definition('a', { priv: 1 }) },
      /^a\/runtime\.json:\d+:3: .*"priv"/,
    ],
    [
      'a name that is not the folder',
      { 'images/a/runtime.json': definition('b') },
      /^a\/runtime\.json:3:11 \/name: is b, and the folder is called a/,
    ],
    [
      'an alias that is the name of another',
      {
        'images/a/runtime.json': definition('a', { aliases: { b: {} } }),
        'images/b/runtime.json': definition('b'),
      },
      /^b\/runtime\.json:3:11 \/name: a\/runtime\.json already claims the name b/,
    ],
    [
      'an alias that two have',
      {
        'images/a/runtime.json': definition('a', { aliases: { x: {} } }),
        'images/b/runtime.json': definition('b', { aliases: { x: {} } }),
      },
      /^b\/runtime\.json:\d+:\d+ \/aliases\/x: a\/runtime\.json already claims the name x/,
    ],
    [
      'an alias that is its own name',
      { 'images/a/runtime.json': definition('a', { aliases: { a: {} } }) },
      /already claims the name a/,
    ],
    ['a bad lock', { 'lock.json': '{"version": 2}' }, /^lock\.json:1:13 \/version/],
    [
      'a lock with a tag',
      { 'lock.json': lock({ python: 'python:3' }) },
      /^lock\.json.* \/images\/python\/imageDigest: expected a digest/,
    ],
  ])('are refused with %s', async (_what, files, message) => {
    await expect(loaded(files)).rejects.toMatchObject({
      name: 'PolicyError',
      code: 'invalid',
      message: expect.stringMatching(message),
    });
  });

  it('are refused where there is no such folder', async () => {
    await expect(loadRuntimes('/nonexistent', '/nonexistent/lock.json')).rejects.toMatchObject({
      code: 'unreadable',
      message: '/nonexistent: does not exist',
    });
  });
});

describe('a runtime', () => {
  it('is found by its name and by each alias, and by nothing else', async () => {
    const runtimes = await loaded({
      'images/node/runtime.json': definition('node', { aliases: { ts: { entry: 'main.ts' }, js: {} } }),
      'lock.json': lock({ node: DIGEST }),
    });
    expect(findRuntime(runtimes, 'node')?.entry).toBe('main.x');
    expect(findRuntime(runtimes, 'js')?.entry).toBe('main.x');
    expect(findRuntime(runtimes, 'ts')).toMatchObject({ entry: 'main.ts', runtime: { name: 'node' } });
    expect(runtimeNames(runtimes)).toEqual(['js', 'node', 'ts']);
    for (const name of ['deno', 'constructor', '__proto__', ''])
      expect(findRuntime(runtimes, name)).toBeUndefined();
  });
});
