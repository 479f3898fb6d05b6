import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type Runtime,
  type RuntimeDefinition,
  RuntimeDefinitionSchema,
  type RuntimeLock,
  RuntimeLockSchema,
} from '@fumehood/schema';
import { type ParsedSource, parseSource } from './parse-source.js';
import { type ConfigProblem, PolicyError, throwProblems } from './policy-error.js';
import { readFault, readSourceFile, type SourceFile } from './source-file.js';

/** A runtime that is defined, and has no image on this host yet. */
export interface MissingRuntime {
  readonly name: string;
  readonly reason: string;
}

/** The runtimes that can run here, by name (aliases: `findRuntime`), and those that can't yet. */
export interface Runtimes extends ReadonlyMap<string, Runtime> {
  readonly missing: readonly MissingRuntime[];
}

/**
 * Reads `<name>/runtime.json` in every folder of `runtimesDir`, and from `lockFile` which image serves each. Where there is no lock
 * file yet, every runtime is missing. Throws PolicyError when a file is bad, or when two runtimes claim one name.
 */
export async function loadRuntimes(runtimesDir: string, lockFile: string): Promise<Runtimes> {
  const problems: ConfigProblem[] = [];
  const definitions = await readDefinitions(runtimesDir, problems);
  const lock = await readLock(lockFile, problems);
  throwProblems('invalid', problems);

  const runtimes = new Map<string, Runtime>();
  const missing: MissingRuntime[] = [];
  for (const { $schema: _schema, ...definition } of definitions) {
    const { name } = definition;
    const image = Object.hasOwn(lock.images, name) ? lock.images[name] : undefined;
    if (image === undefined) {
      missing.push({
        name,
        reason: `${lockFile} names no image for ${name}; build it with: fumehood image build ${name}`,
      });
    } else {
      runtimes.set(name, { ...definition, imageDigest: image.imageDigest });
    }
  }
  return Object.assign(runtimes, { missing });
}

async function readDefinitions(
  dir: string,
  problems: ConfigProblem[],
): Promise<readonly RuntimeDefinition[]> {
  const definitions: RuntimeDefinition[] = [];
  const fileOf = new Map<string, string>();
  for (const folder of await runtimeFolders(dir)) {
    const file = `${folder}/runtime.json`;
    const parsed = await parseFile(join(dir, file), file, problems, (source) =>
      parseSource(source, 'json', RuntimeDefinitionSchema),
    );
    // A folder without runtime.json holds something that runtimes share, such as a base image.
    if (parsed === undefined) continue;
    const { value: definition, problem } = parsed;
    if (definition.name !== folder) {
      problems.push(
        problem(['name'], `is ${definition.name}, and the folder is called ${folder}; they must be the same`),
      );
    }
    const names = [
      [definition.name, ['name']] as const,
      ...Object.keys(definition.aliases).map((alias) => [alias, ['aliases', alias]] as const),
    ];
    for (const [name, path] of names) {
      const other = fileOf.get(name);
      if (other === undefined) fileOf.set(name, file);
      else problems.push(problem(path, `${other} already claims the name ${name}`));
    }
    definitions.push(definition);
  }
  return definitions;
}

async function runtimeFolders(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    throw new PolicyError('unreadable', [{ file: dir, path: '', reason: readFault(error) }], {
      cause: error,
    });
  }
}

async function readLock(lockFile: string, problems: ConfigProblem[]): Promise<RuntimeLock> {
  const parsed = await parseFile(lockFile, basename(lockFile), problems, (source) =>
    parseSource(source, 'json', RuntimeLockSchema),
  );
  return parsed?.value ?? { version: 1, images: {} };
}

/** `undefined` when there is no such file, or when it is bad and its problems were added. */
async function parseFile<T>(
  path: string,
  file: string,
  problems: ConfigProblem[],
  parse: (source: SourceFile) => ParsedSource<T>,
): Promise<Extract<ParsedSource<T>, { ok: true }> | undefined> {
  try {
    const parsed = parse(await readSourceFile(path, file));
    if (parsed.ok) return parsed;
    problems.push(...parsed.problems);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (!isAbsent(error)) problems.push(...error.problems);
  }
  return undefined;
}

function isAbsent({ cause }: PolicyError): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}
