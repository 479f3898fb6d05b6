import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
  write(file: string, text: string | Uint8Array): Promise<void>;
}

/** A folder of a test's own, with the files given; removed when it is disposed. */
export async function tempDir(files: Readonly<Record<string, string>> = {}): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'fumehood-policy-'));
  const write = async (file: string, text: string | Uint8Array) => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
