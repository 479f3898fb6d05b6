import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RuntimeDefinitionSchema } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';

const images = fileURLToPath(new URL('../infra/images', import.meta.url));
const folders = readdirSync(images, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const textOf = (folder: string, file: string) => readFileSync(join(images, folder, file), 'utf8');
const definitionOf = (folder: string) =>
  RuntimeDefinitionSchema.parse(JSON.parse(textOf(folder, 'runtime.json')));

describe.each(folders)('the runtime in infra/images/%s', (folder) => {
  it('has a runtime.json that can be read, and has the name of its folder', () => {
    expect(definitionOf(folder).name).toBe(folder);
  });

  it('runs its entry file, by a program with an absolute path', () => {
    const { run, compile } = definitionOf(folder);
    for (const argv of [run, ...(compile === undefined ? [] : [compile])]) expect(argv[0]).toMatch(/^\//);
    expect((compile ?? run).join(' ')).toContain('{entry}');
  });

  it('is built on the common base, and ends as every image does', () => {
    const dockerfile = textOf(folder, 'Dockerfile');
    expect(dockerfile).toMatch(/^FROM debian:bookworm-slim$/m);
    expect(dockerfile).toContain('useradd --uid 10001 --gid 10001 --home-dir /workspace');
    expect(dockerfile).toContain('mkdir -p /workspace /.fumehood');
    expect(dockerfile).toContain('find / -xdev -type f -perm /6000 -exec chmod a-s {} +');
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
  });

  it('copies into its image only what is in its folder or in its context.json', () => {
    const copied = [...textOf(folder, 'Dockerfile').matchAll(/^COPY (\S+) /gm)].map(
      (match) => match[1] ?? '',
    );
    const fetched = existsSync(join(images, folder, 'context.json')) ? textOf(folder, 'context.json') : '';
    for (const path of copied) {
      const known = existsSync(join(images, folder, path)) || fetched.includes(`: ${JSON.stringify(path)}`);
      expect(known, path).toBe(true);
    }
  });
});

it('gives no name to two runtimes', () => {
  const names = folders.flatMap((folder) => [folder, ...Object.keys(definitionOf(folder).aliases)]);
  expect(names).toEqual([...new Set(names)]);
});
