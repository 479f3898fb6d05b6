import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const manifestOf = (room: string): Manifest =>
  JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8'));

const rooms = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`),
);
const roomOfPackage = new Map(rooms.map((room) => [manifestOf(room).name, room.replace('packages/', '')]));

/** Rows of the table under "## Rooms": `| packages/queue | what lives there | schema |`. */
const allowed = new Map(
  [...architecture.matchAll(/^\| (packages\/[\w-]+|apps\/[\w-]+) \|.*\| ([^|]+) \|$/gm)].map((row) => [
    row[1] as string,
    (row[2] as string).split(',').map((name) => name.trim()),
  ]),
);

const sourcesOf = (room: string): readonly string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(root, room, path));

/** What a file imports, exports from, or imports when it runs; a type alone counts too. */
const IMPORT =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(
    (match) => (match[1] ?? match[2] ?? match[3]) as string,
  );

describe('the rooms', () => {
  it('are all in the table of ARCHITECTURE.md, and the table names no other', () => {
    expect([...allowed.keys()].sort()).toEqual([...rooms].sort());
  });

  it.each(rooms)('%s declares no dependency on a room that the table does not allow', (room) => {
    const permitted = allowed.get(room) ?? [];
    if (permitted.includes('any package')) return;
    const declared = Object.keys(manifestOf(room).dependencies ?? {}).flatMap(
      (name) => roomOfPackage.get(name) ?? [],
    );
    expect(declared.sort()).toEqual(permitted.filter((name) => name !== 'nothing').sort());
  });

  it.each(rooms)('%s imports only what it declares, and no inside of another room', (room) => {
    const manifest = manifestOf(room);
    const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
    const rootTools = new Set(Object.keys(manifestOf('.').devDependencies ?? {}));
    const wrong = sourcesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .filter((specifier) => {
          const name = specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
          const isTest = /\.test\.tsx?$|\/testing\/|\/scripts\//.test(file);
          if (name === manifest.name) return false;
          if (isTest && (rootTools.has(name) || roomOfPackage.has(name))) return false;
          if (roomOfPackage.has(name) && specifier !== name) return true;
          return !declared.has(name);
        })
        .map((specifier) => `${file.slice(root.length)}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['bullmq', 'packages/queue'],
    ['ioredis', 'packages/queue'],
    ['dockerode', 'packages/sandbox-docker'],
    ['zod-to-json-schema', 'nowhere'],
  ])('%s is imported by %s alone', (library, owner) => {
    const importers = rooms.filter((room) =>
      sourcesOf(room).some((file) =>
        importsOf(file).some((specifier) => specifier === library || specifier.startsWith(`${library}/`)),
      ),
    );
    expect(importers.filter((room) => room !== owner)).toEqual([]);
  });

  it.each(rooms)('%s has no room called shared, common, utils or helpers', (room) => {
    expect(
      sourcesOf(room).filter((file) => /\/(shared|common|utils?|helpers?)[./]/.test(file.slice(root.length))),
    ).toEqual([]);
  });
});

describe('the environment', () => {
  it('is read in config.ts alone', () => {
    const readers = rooms
      .flatMap(sourcesOf)
      .filter((file) => !/\.test\.tsx?$|config\.ts$|\/testing\//.test(file))
      .filter((file) => /\bprocess\.env\b/.test(readFileSync(file, 'utf8')));
    expect(readers.map((file) => file.slice(root.length))).toEqual([]);
  });
});

it('has no import cycle inside a room', () => {
  const cycles: string[] = [];
  for (const room of rooms) {
    const files = sourcesOf(room);
    const known = new Set(files);
    const edges = new Map(
      files.map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => join(file, '..', specifier).replace(/\.js$/, '.ts'))
          .filter((target) => known.has(target)),
      ]),
    );
    const state = new Map<string, 'open' | 'done'>();
    const visit = (file: string, trail: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push(
          [...trail.slice(trail.indexOf(file)), file].map((path) => path.slice(root.length)).join(' -> '),
        );
        return;
      }
      state.set(file, 'open');
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
  }
  expect(cycles).toEqual([]);
});
