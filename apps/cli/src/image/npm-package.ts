import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.js';
import type { NpmFiles } from './image-context.js';

const run = promisify(execFile);

/** Puts a package's archive into `dir` and returns its path. */
export type PackPackage = (specifier: string, dir: string, signal: AbortSignal) => Promise<string>;

/** Asks the host's npm, so its registry, mirror, proxy and certificates are the ones that are used. */
export const npmPack: PackPackage = async (specifier, dir, signal) => {
  try {
    await run('npm', ['pack', specifier, '--ignore-scripts', '--silent', '--pack-destination', dir], {
      cwd: dir,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new CliError(
      'failed',
      `npm could not fetch ${specifier}: ${said || error}`,
      'Check that `npm view` finds it.',
      { cause: error },
    );
  }
  const [archive, ...others] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'));
  if (archive === undefined || others.length > 0)
    throw new CliError('failed', `npm pack ${specifier} did not make one archive`);
  return join(dir, archive);
};

/** Takes files out of an npm package, after checking that it is the very package that was asked for. */
export async function takeNpmFiles(
  npm: NpmFiles,
  options: {
    readonly pack: PackPackage;
    readonly scratchDir: string;
    readonly contextDir: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { scratchDir, contextDir, signal } = options;
  await mkdir(scratchDir, { recursive: true });
  const specifier = `${npm.package}@${npm.version}`;
  const archive = await options.pack(specifier, scratchDir, signal);
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (integrity !== npm.integrity) {
    throw new CliError(
      'failed',
      `${specifier} is not the package that context.json names: its integrity is ${integrity}`,
    );
  }
  const members = Object.keys(npm.files).map((path) => `package/${path}`);
  await run('tar', ['-xzf', archive, '-C', scratchDir, '--no-same-owner', '--', ...members], { signal });
  for (const [from, to] of Object.entries(npm.files)) {
    const target = join(contextDir, to);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(scratchDir, 'package', from), target);
  }
}
