import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { npmPack, type PackPackage } from './npm-package.js';
import { stageContext } from './stage-context.js';

const { signal } = new AbortController();
/** A package where a registry would be, and what its archive must be. */
const tool = await mkdtemp(join(tmpdir(), 'fumehood-tool-'));
let integrity: string;
/** The host's npm, with that package for every name. */
const packFolder: PackPackage = (_specifier, dir, abort) => npmPack(tool, dir, abort);

beforeAll(async () => {
  await mkdir(join(tool, 'bin'));
  await writeFile(join(tool, 'package.json'), '{"name":"tool","version":"1.2.3"}');
  await writeFile(join(tool, 'bin', 'tool'), '#!/bin/sh\n');
  await chmod(join(tool, 'bin', 'tool'), 0o755);
  const packed = await mkdtemp(join(tmpdir(), 'fumehood-packed-'));
  const archive = await packFolder('tool@1.2.3', packed, signal);
  integrity = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  await rm(packed, { recursive: true });
});
afterAll(() => rm(tool, { recursive: true }));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fumehood-stage-'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY tool /tool\n');
});
afterEach(() => rm(folder, { recursive: true }));

const wants = (over: object = {}) =>
  writeFile(
    join(folder, 'context.json'),
    JSON.stringify({
      npm: [{ package: 'tool', version: '1.2.3', integrity, files: { 'bin/tool': 'bin/the-tool' }, ...over }],
    }),
  );
const stage = () => stageContext(folder, { pack: packFolder, architecture: 'x64', signal });

describe('the build context of a runtime', () => {
  it('is a copy of its folder when it asks for nothing else', async () => {
    await using context = await stage();
    expect(await readdir(context.dir)).toEqual(['Dockerfile']);
  });

  it('has the files of the packages that it asks for, as executable as they were', async () => {
    await wants();
    await using context = await stage();
    expect((await readdir(context.dir)).sort()).toEqual(['Dockerfile', 'bin', 'context.json']);
    expect(await readdir(join(context.dir, 'bin'))).toEqual(['the-tool']);
    await access(join(context.dir, 'bin', 'the-tool'), constants.X_OK);
  });

  it('leaves out what is for another architecture', async () => {
    await wants({ architecture: 'arm64' });
    await using context = await stage();
    expect(await readdir(context.dir)).not.toContain('bin');
  });

  it('is gone afterwards', async () => {
    const context = await stage();
    await context[Symbol.asyncDispose]();
    expect(existsSync(context.dir)).toBe(false);
  });

  it('is refused when the package is another one than was asked for', async () => {
    await wants({ integrity: `sha512-${Buffer.alloc(64).toString('base64')}` });
    await expect(stage()).rejects.toThrow(
      /tool@1\.2\.3 is not the package that context\.json names.*sha512-/,
    );
  });

  it.each([
    ['an unknown key', { url: 'x' }],
    ['a range for a version', { version: '^1.0.0' }],
    ['a path that leaves the context', { files: { 'bin/tool': '../tool' } }],
    ['a path that leaves the package', { files: { '../../etc/passwd': 'tool' } }],
    ['an option for a name', { package: '--registry' }],
  ])('is refused when context.json has %s', async (_, over) => {
    await wants(over);
    await expect(stage()).rejects.toThrow(/context\.json is not right/);
  });

  it('says what npm said when there is no such package', async () => {
    await wants();
    const nowhere: PackPackage = (_specifier, dir, abort) => npmPack(join(folder, 'nowhere'), dir, abort);
    await expect(stageContext(folder, { pack: nowhere, architecture: 'x64', signal })).rejects.toThrow(
      /npm could not fetch .*nowhere/,
    );
  });
});
