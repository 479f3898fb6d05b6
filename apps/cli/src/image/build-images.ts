import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../cli-error.js';
import type { EngineImage, ImageEngine } from './image-engine.js';
import { npmPack, type PackPackage } from './npm-package.js';
import { readRuntimeLock, writeRuntimeLock } from './runtime-lock.js';
import { sourceDigest } from './source-digest.js';
import { stageContext } from './stage-context.js';

const SOURCE_LABEL = 'fumehood.source';

export interface BuildImagesOptions {
  /** The folder of runtimes: each subfolder with a Dockerfile is one. */
  readonly imagesDir: string;
  readonly lockFile: string;
  readonly engine: ImageEngine;
  /** Which ones; every one when empty. */
  readonly names?: readonly string[];
  /** Build even where nothing has changed: for new versions of the packages inside. */
  readonly rebuild?: boolean;
  readonly pack?: PackPackage;
  readonly architecture?: string;
  readonly signal: AbortSignal;
  onStart?(name: string): void;
  onLine?(name: string, line: string): void;
}

export interface RuntimeImage {
  readonly name: string;
  readonly imageDigest: string;
  readonly bytes: number;
  readonly built: boolean;
}

/**
 * Builds the images of runtimes, and writes down in the lock file which image serves which. An image whose folder has not changed
 * since it was built is left as it is, also when the lock file is new: images carry the digest of their source.
 */
export async function buildImages(options: BuildImagesOptions): Promise<readonly RuntimeImage[]> {
  const { imagesDir, lockFile, engine } = options;
  const known = await imageNames(imagesDir);
  const unknown = (options.names ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new CliError(
      'usage',
      `There is no runtime called ${unknown.join(', ')}.`,
      `There are: ${known.join(', ')}.`,
    );
  }
  const done: RuntimeImage[] = [];
  for (const name of options.names?.length ? options.names : known) {
    options.signal.throwIfAborted();
    const folder = join(imagesDir, name);
    const source = await sourceDigest(folder);
    const present = options.rebuild ? undefined : await findImage(engine, name, source);
    const image = present ?? (await buildImage(name, folder, source, options));
    done.push({ name, imageDigest: image.digest, bytes: image.bytes, built: present === undefined });

    const lock = await readRuntimeLock(lockFile);
    const before = Object.hasOwn(lock.images, name) ? lock.images[name] : undefined;
    if (before?.imageDigest === image.digest && before.sourceDigest === source) continue;
    const entry = { imageDigest: image.digest, builtAt: new Date().toISOString(), sourceDigest: source };
    await writeRuntimeLock(lockFile, { ...lock, images: { ...lock.images, [name]: entry } });
  }
  return done;
}

/** The runtimes that have an image to build, by the names of their folders. */
async function imageNames(imagesDir: string): Promise<readonly string[]> {
  const entries = await readdir(imagesDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.name === 'Dockerfile' && join(entry.parentPath, '..') === join(imagesDir))
    .map((entry) => entry.parentPath.slice(join(imagesDir).length + 1))
    .sort();
}

/** `c++` and `c#` are good names of runtimes, and not of images. */
const tagOf = (name: string) => `fumehood/${name.replaceAll('+', 'p').replaceAll('#', 'sharp')}:latest`;

async function findImage(
  engine: ImageEngine,
  name: string,
  source: string,
): Promise<EngineImage | undefined> {
  const image = await engine.inspect(tagOf(name));
  return image?.labels[SOURCE_LABEL] === source ? image : undefined;
}

async function buildImage(
  name: string,
  folder: string,
  source: string,
  options: BuildImagesOptions,
): Promise<EngineImage> {
  const { engine, signal, pack = npmPack, architecture = process.arch } = options;
  options.onStart?.(name);
  await using context = await stageContext(folder, { pack, architecture, signal });
  try {
    return await engine.build({
      contextDir: context.dir,
      tag: tagOf(name),
      labels: { [SOURCE_LABEL]: source },
      fresh: options.rebuild ?? false,
      signal,
      onLine: (line) => options.onLine?.(name, line),
    });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const fix =
      "Where the base image can't be pulled, infra/base-image/build.sh makes it from Debian's packages.";
    throw new CliError('failed', `The image of ${name} could not be built: ${reason}`, fix, { cause: error });
  }
}
