import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImageContext } from './image-context.js';
import { type PackPackage, takeNpmFiles } from './npm-package.js';

export interface StagedContext extends AsyncDisposable {
  /** A folder with all that the build needs. */
  readonly dir: string;
}

/** Copies a runtime's folder to a place of its own, and adds the files that its context.json asks for. */
export async function stageContext(
  folder: string,
  options: { readonly pack: PackPackage; readonly architecture: string; readonly signal: AbortSignal },
): Promise<StagedContext> {
  const context = await readImageContext(folder);
  const work = await mkdtemp(join(tmpdir(), 'fumehood-image-'));
  const remove = () => rm(work, { recursive: true, force: true });
  try {
    const dir = join(work, 'context');
    await cp(folder, dir, { recursive: true, verbatimSymlinks: true });
    const wanted = context.npm.filter(
      (npm) => npm.architecture === undefined || npm.architecture === options.architecture,
    );
    for (const [index, npm] of wanted.entries()) {
      await takeNpmFiles(npm, { ...options, scratchDir: join(work, `npm-${index}`), contextDir: dir });
    }
    return { dir, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
