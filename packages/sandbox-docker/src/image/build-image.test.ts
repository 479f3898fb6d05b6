import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BASE_IMAGE, removeImage, temporaryFolder } from '../testing/fixtures.js';
import { buildImage } from './build-image.js';
import { inspectImage, tagImage } from './local-images.js';

const tag = (name: string) => `fumehood-test-build-${name}:${process.pid}`;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());
afterAll(async () => {
  for (const name of ['good', 'copy']) await removeImage(tag(name));
});

/** The folder, built without a network: these builds need none. */
const own = {
  get contextDir() {
    return folder.path;
  },
  network: 'none',
} as const;
const dockerfile = (text: string) => writeFileSync(join(folder.path, 'Dockerfile'), text);

describe('building an image', () => {
  it('sends the folder, tells each line, and returns the digest', async () => {
    mkdirSync(join(folder.path, 'deep'));
    writeFileSync(join(folder.path, 'deep/tool.sh'), '#!/bin/sh\necho tool runs\n');
    chmodSync(join(folder.path, 'deep/tool.sh'), 0o755);
    writeFileSync(join(folder.path, 'extra'), 'from elsewhere\n');
    dockerfile(
      `FROM ${BASE_IMAGE}\nARG WORD\nCOPY deep /deep\nCOPY added /added\nRUN /deep/tool.sh; echo $WORD; cat /added\n`,
    );
    const lines: string[] = [];
    const digest = await buildImage({
      ...own,
      extraFiles: { added: join(folder.path, 'extra') },
      tag: tag('good'),
      labels: { 'test.label': 'a "quoted" value' },
      buildArgs: { WORD: 'argument' },
      onProgress: (line) => lines.push(line),
    });
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(lines).toEqual(expect.arrayContaining(['tool runs', 'argument', 'from elsewhere']));
    expect(await inspectImage(tag('good'))).toMatchObject({
      digest,
      labels: { 'test.label': 'a "quoted" value' },
    });

    await tagImage(digest, tag('copy'));
    expect((await inspectImage(tag('copy')))?.digest).toBe(digest);
  });

  it('that fails says why, with the last lines', async () => {
    dockerfile(`FROM ${BASE_IMAGE}\nRUN echo the reason && exit 7\n`);
    await expect(buildImage({ ...own, tag: tag('bad') })).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/non-zero code: 7[\s\S]*the reason/),
    });
    expect(await inspectImage(tag('bad'))).toBeUndefined();
  });

  it('of a Dockerfile that is none says where', async () => {
    dockerfile('NONSENSE\n');
    await expect(buildImage({ ...own, tag: tag('bad') })).rejects.toThrow(/NONSENSE/i);
  });

  it('needs a Dockerfile', async () => {
    await expect(buildImage({ ...own, tag: tag('bad') })).rejects.toThrow(/no Dockerfile at/);
  });

  it('ends when it is called off', async () => {
    dockerfile(`FROM ${BASE_IMAGE}\nRUN echo begun; sleep 30\n`);
    const controller = new AbortController();
    const reason = new Error('called off');
    const onProgress = (line: string) => {
      if (line === 'begun') controller.abort(reason);
    };
    const building = buildImage({
      ...own,
      tag: tag('bad'),
      signal: controller.signal,
      onProgress,
    });
    await expect(building).rejects.toBe(reason);
  });
});
