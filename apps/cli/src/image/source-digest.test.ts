import { chmod, cp, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sourceDigest } from './source-digest.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fumehood-digest-'));
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  await writeFile(join(folder, 'sub', 'a'), 'one');
});
afterEach(() => rm(folder, { recursive: true }));

it('is the same for a copy of the folder, whenever it was made', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'fumehood-digest-'));
  await cp(folder, copy, { recursive: true });
  await utimes(join(copy, 'Dockerfile'), 1, 1);
  expect(await sourceDigest(copy)).toBe(await sourceDigest(folder));
  await rm(copy, { recursive: true });
});

it('does not change with what describes the image and is not in it', async () => {
  const before = await sourceDigest(folder);
  await writeFile(join(folder, 'runtime.json'), '{}');
  await writeFile(join(folder, 'README.md'), 'hello');
  expect(await sourceDigest(folder)).toBe(before);
});

it.each<[string, (folder: string) => Promise<unknown>]>([
  ['a content changes', (dir) => writeFile(join(dir, 'sub', 'a'), 'two')],
  ['a file comes', (dir) => writeFile(join(dir, 'sub', 'b'), '')],
  ['a file goes', (dir) => rm(join(dir, 'sub', 'a'))],
  ['a file becomes executable', (dir) => chmod(join(dir, 'sub', 'a'), 0o755)],
  ['a link comes', (dir) => symlink('a', join(dir, 'sub', 'link'))],
  [
    'bytes move from one file to the next',
    async (dir) => {
      await writeFile(join(dir, 'Dockerfile'), 'FROM scratch\no');
      await writeFile(join(dir, 'sub', 'a'), 'ne');
    },
  ],
])('changes when %s', async (_, change) => {
  const before = await sourceDigest(folder);
  await change(folder);
  expect(await sourceDigest(folder)).not.toBe(before);
});

it('tells a link from a file with the same text', async () => {
  await symlink('one', join(folder, 'sub', 'b'));
  const linked = await sourceDigest(folder);
  await rm(join(folder, 'sub', 'b'));
  await writeFile(join(folder, 'sub', 'b'), 'one');
  expect(await sourceDigest(folder)).not.toBe(linked);
});
