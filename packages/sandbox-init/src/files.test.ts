import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR, file, fileBegin, frame, WORKER } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

describe.each(BUILDS)('the files given to %s', (_name, init) => {
  it('are there, with their directories, contents and modes', async () => {
    await using sandbox = await readySandbox(init);
    const large = Buffer.alloc(300_000, 'large');
    await sandbox.send(file('empty'), file('a/b/c.txt', 'deep'), file('run.sh', '#!/bin/sh\necho ran\n', 1));
    await sandbox.send(file('large.bin', large), file('ümläut 😀.txt', 'x'));
    const { stdout } = await sandbox.shell(
      'stat -c "%a %n" a a/b; stat -c "%a %s %n" a/b/c.txt empty run.sh large.bin; ./run.sh; ls',
    );
    expect(stdout.split('\n')).toEqual([
      '755 a',
      '755 a/b',
      '644 4 a/b/c.txt',
      '644 0 empty',
      '755 19 run.sh',
      '644 300000 large.bin',
      'ran',
      'a',
      'empty',
      'large.bin',
      'run.sh',
      Buffer.from('ümläut 😀.txt').toString('latin1'),
      '',
    ]);
    expect((await sandbox.collect(['large.bin'])).files['large.bin']?.equals(large)).toBe(true);
  });

  it('can come in any portions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 2_000 }), { maxLength: 8 }), async (portions) => {
        const content = Buffer.concat(portions);
        await using sandbox = await readySandbox(init);
        // An empty FILE_DATA is legal as long as bytes are missing.
        const last = portions.findLastIndex((portion) => portion.length > 0);
        const data = portions.slice(0, last + 1).map((portion) => frame(WORKER.fileData, portion));
        await sandbox.send(fileBegin('f', content.length), ...data);
        expect((await sandbox.run(['cat', 'f'])).stdout).toBe(content.toString('latin1'));
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['../escape'],
    ['a/../../escape'],
    ['/tmp/absolute'],
    ['./dot'],
    ['a//b'],
    ['a/'],
    [''],
    ['.'],
    ['a\\b'],
    ['new\nline'],
    ['nul\0'],
    ['esc\x1b[2J'],
    ['bidi\u202e'],
    [Buffer.from([0x66, 0xff])],
    ['n'.repeat(256)],
    [`${'d/'.repeat(32)}deep`],
    ['x/'.repeat(512)],
  ])('are refused at %j', async (path) => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(file(path, 'x'));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.file });
  });

  it.each([
    ['a link to a directory', 'ln -s /tmp /workspace/link', 'link/x'],
    ['a link out of the workspace and back', 'ln -s ../workspace /workspace/link', 'link/x'],
    ['a link in place of the file', 'ln -s /tmp/x /workspace/link', 'link'],
    ['a dangling link', 'ln -s nowhere /workspace/link', 'link'],
    ['a FIFO', 'mkfifo -m 666 /workspace/fifo', 'fifo'],
    ['a file where a directory should be', 'touch /workspace/a', 'a/b'],
    ['a directory of somebody else', 'mkdir /workspace/a', 'a/b'],
  ])('are refused at %s', async (_case, setup, path) => {
    await using sandbox = await readySandbox(init, setup);
    await sandbox.send(file(path, 'x'));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.file });
  });

  it('are refused twice at one path', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(file('a', 'one'), file('a', 'two'));
    expect(await sandbox.failure()).toMatchObject({
      code: ERROR.file,
      message: 'cannot create a file: a: File exists',
    });
  });

  it('are refused when they do not fit', async () => {
    await using sandbox = await readySandbox(init, 'mount -o remount,size=64k /workspace');
    await sandbox.send(file('a', Buffer.alloc(200_000)));
    expect(await sandbox.failure()).toMatchObject({
      code: ERROR.file,
      message: 'cannot store a file: No space left on device',
    });
  });

  it('reach the deepest good path', async () => {
    await using sandbox = await readySandbox(init);
    const path = `${'d/'.repeat(31)}f`;
    await sandbox.send(file(path, 'deep'));
    expect((await sandbox.run(['cat', path])).stdout).toBe('deep');
  });
});
