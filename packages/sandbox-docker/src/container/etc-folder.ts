import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ETC_FILES } from '@fumehood/sandbox';

const PREFIX = 'fumehood-etc-';
/** Much longer than a container may take to start. */
const STALE_AFTER_MS = 600_000;

/** A sandbox's own copies of the files in /etc, on the host. They can go as soon as the container runs: its mounts keep them. */
export interface EtcFolder extends AsyncDisposable {
  /** Paths on the host, by path in the sandbox. */
  readonly files: Readonly<Record<string, string>>;
}

export async function makeEtcFolder(scratchDir: string): Promise<EtcFolder> {
  await mkdir(scratchDir, { recursive: true });
  const folder = await mkdtemp(join(scratchDir, PREFIX));
  const entries = Object.entries(ETC_FILES).map(([target, content]) => ({
    target,
    source: join(folder, basename(target)),
    content,
  }));
  await Promise.all(entries.map(({ source, content }) => writeFile(source, content, { mode: 0o444 })));
  return {
    files: Object.fromEntries(entries.map(({ target, source }) => [target, source])),
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Removes the folders of workers that died while a container was starting. */
export async function removeStaleEtcFolders(scratchDir: string): Promise<void> {
  const names = await readdir(scratchDir).catch(() => []);
  const uid = process.getuid?.();
  await Promise.all(
    names
      .filter((name) => name.startsWith(PREFIX))
      .map(async (name) => {
        const folder = join(scratchDir, name);
        const found = await stat(folder).catch(() => undefined);
        if (found === undefined || found.uid !== uid || Date.now() - found.mtimeMs < STALE_AFTER_MS) return;
        await rm(folder, { recursive: true, force: true });
      }),
  );
}
