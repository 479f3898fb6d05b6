import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RuntimeLockSchema } from '@fumehood/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BuildImagesOptions, buildImages } from './build-images.js';
import { dockerImages } from './docker-images.js';
import { npmPack } from './npm-package.js';

const SOCKET = '/var/run/docker.sock';
const engine = dockerImages(SOCKET);
let dir: string;
let name: string;
let lockFile: string;
const lines: string[] = [];
const started: string[] = [];
const made = new Set<string>();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fumehood-images-'));
  name = `test-${randomBytes(6).toString('hex')}`;
  lockFile = join(dir, 'runtimes.lock.json');
  lines.length = 0;
  started.length = 0;
  await mkdir(join(dir, 'images', name), { recursive: true });
  await write('Dockerfile', 'FROM scratch\nCOPY hello /hello\n');
  await write('hello', name);
});
afterEach(async () => {
  for (const digest of made) await removeImage(digest);
  made.clear();
  await rm(dir, { recursive: true });
});

const write = (file: string, text: string) => writeFile(join(dir, 'images', name, file), text);
const build = async (over: Partial<BuildImagesOptions> = {}) => {
  const images = await buildImages({
    imagesDir: join(dir, 'images'),
    lockFile,
    engine,
    signal: AbortSignal.timeout(100_000),
    onStart: (runtime) => void started.push(runtime),
    onLine: (_, line) => void lines.push(line),
    ...over,
  });
  for (const { imageDigest } of images) made.add(imageDigest);
  return images;
};
const lock = async () => RuntimeLockSchema.parse(JSON.parse(await readFile(lockFile, 'utf8')));

// Each step of a build is a container of its own, and the engine has others to serve.
describe('building the images of runtimes', { timeout: 120_000 }, () => {
  it('makes an image of each folder, and writes down which serves which runtime', async () => {
    const [image] = await build();
    expect(image).toMatchObject({ name, built: true });
    expect((await lock()).images[name]).toMatchObject({ imageDigest: image?.imageDigest });
    const { labels } = (await engine.inspect(image?.imageDigest ?? '')) ?? {};
    expect(labels).toEqual({ 'fumehood.source': (await lock()).images[name]?.sourceDigest });
    expect(lines.some((line) => line.includes('COPY hello'))).toBe(true);
  });

  it('builds nothing that has not changed, not even when the lock file is gone', async () => {
    const [first] = await build();
    const before = await readFile(lockFile, 'utf8');
    expect(await build()).toEqual([{ ...first, built: false }]);
    expect(await readFile(lockFile, 'utf8')).toBe(before);
    await rm(lockFile);
    expect(await build()).toEqual([{ ...first, built: false }]);
    expect((await lock()).images[name]?.imageDigest).toBe(first?.imageDigest);
    expect(started).toEqual([name]);
  });

  it('builds again when the folder has changed, and when the image is gone', async () => {
    const [first] = await build();
    await write('hello', 'changed');
    const [second] = await build();
    expect(second?.built).toBe(true);
    expect(second?.imageDigest).not.toBe(first?.imageDigest);
    await removeImage(second?.imageDigest ?? '');
    expect((await build())[0]?.built).toBe(true);
  });

  it('builds again when it is told to', async () => {
    await build();
    expect((await build({ rebuild: true }))[0]?.built).toBe(true);
  });

  it('puts the files of npm packages where the Dockerfile looks for them', async () => {
    const tool = join(dir, 'tool');
    await mkdir(tool);
    await writeFile(join(tool, 'package.json'), '{"name":"tool","version":"1.0.0"}');
    await writeFile(join(tool, 'tool'), 'a tool');
    const { stdout } = await promisify(execFile)('npm', ['pack', tool, '--json', '--dry-run'], { cwd: dir });
    const [{ integrity }] = JSON.parse(stdout);
    await write('Dockerfile', 'FROM scratch\nCOPY bin/tool /tool\n');
    await write(
      'context.json',
      JSON.stringify({
        npm: [{ package: 'tool', version: '1.0.0', integrity, files: { tool: 'bin/tool' } }],
      }),
    );
    expect((await build({ pack: (_, to, signal) => npmPack(tool, to, signal) }))[0]?.built).toBe(true);
  });

  it('says what failed, and writes nothing down', async () => {
    await write('Dockerfile', 'FROM scratch\nCOPY nowhere /nowhere\n');
    await expect(build()).rejects.toThrow(
      new RegExp(`The image of ${name} could not be built: .*nowhere`, 's'),
    );
    await expect(readFile(lockFile)).rejects.toThrow(/ENOENT/);
  });

  it('refuses a name that is no runtime, and says which there are', async () => {
    await expect(build({ names: ['cobol'] })).rejects.toMatchObject({
      message: expect.stringContaining('cobol'),
      fix: `There are: ${name}.`,
    });
  });
});

const removeImage = (reference: string) =>
  new Promise<void>((resolve, reject) => {
    const path = `/images/${encodeURIComponent(reference)}?force=1`;
    request({ socketPath: SOCKET, method: 'DELETE', path }, (answer) => answer.resume().once('end', resolve))
      .once('error', reject)
      .end();
  });
