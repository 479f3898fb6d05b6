import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Describe how the image is used, and don't change what is in it. */
const NOT_BUILT_FROM = new Set(['runtime.json', 'README.md']);

/**
 * A digest of all that an image is built from: paths, contents, executable bits and link targets of the files in its folder.
 * The same on every machine and for every clone.
 */
export async function sourceDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const hash = createHash('sha256');
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  for (const path of paths.filter((path) => !NOT_BUILT_FROM.has(path)).sort()) {
    const file = join(folder, path);
    const link = entries.find(
      (entry) => entry.isSymbolicLink() && join(entry.parentPath, entry.name) === file,
    );
    const kind =
      link !== undefined ? 'link' : ((await stat(file)).mode & 0o100) !== 0 ? 'executable' : 'file';
    const content = kind === 'link' ? Buffer.from(await readlink(file)) : await readFile(file);
    hash.update(`${kind} ${JSON.stringify(path)} ${content.length}\n`).update(content);
  }
  return `sha256:${hash.digest('hex')}`;
}
