import { createHash } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactOf, collect, file, INIT, skippedOf } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

describe.each(BUILDS)('what %s collects', (_name, init) => {
  it('is the files that match, with their contents', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(file('given.txt', 'given'));
    await sandbox.shell(
      'mkdir -p out/deep/.hidden; echo 1 >out/1.png; echo 2 >out/deep/2.png; echo 3 >out/deep/.hidden/3.png; echo 4 >4.txt; : >out/empty.png; head -c 1000000 /dev/urandom | tee out/large.png | md5sum >sum',
    );
    const { files, skipped, collectedCount } = await sandbox.collect([
      'out/**/*.png',
      '?.txt',
      'nothing',
      'sum',
    ]);
    const small = Object.entries(files).filter(([path]) => path !== 'out/large.png' && path !== 'sum');
    expect(Object.fromEntries(small.map(([path, content]) => [path, content.toString()]))).toEqual({
      'out/1.png': '1\n',
      'out/deep/2.png': '2\n',
      'out/deep/.hidden/3.png': '3\n',
      '4.txt': '4\n',
      'out/empty.png': '',
    });
    const sum = createHash('md5')
      .update(files['out/large.png'] ?? '')
      .digest('hex');
    expect(files.sum?.toString()).toBe(`${sum}  -\n`);
    expect({ skipped, collectedCount }).toEqual({ skipped: [], collectedCount: 7 });
  });

  it('is nothing without a pattern, and can be asked for again', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.shell('echo 1 >a');
    expect(await sandbox.collect([])).toMatchObject({ files: {}, collectedCount: 0, skippedCount: 0 });
    expect((await sandbox.collect(['a'])).collectedCount).toBe(1);
    expect((await sandbox.collect(['**'])).collectedCount).toBe(1);
  });

  it('is never a link, a FIFO, a socket, an odd name or what cannot be read', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.run(['/programs/hostile', 'odd-files']);
    const { files, skipped, collectedCount, skippedCount } = await sandbox.collect(['**', 'out', 'fifo/x']);
    expect(Object.keys(files).sort()).toEqual(['good', 'ümläut']);
    const reasons = skipped.map(({ reason, path }) => `${reason} ${JSON.stringify(path)}`).sort();
    expect(reasons).toEqual(
      [
        'link "linked"',
        'link "linked-too"',
        'link "root"',
        'link "symlink"',
        'not_regular "fifo"',
        'not_regular "out"',
        'not_regular "socket"',
        'path "back\\\\slash"',
        'path "bad\u00ff"',
        'path "bidi\u00e2\u0080\u00ae"',
        'path "esc\\u001b[31m"',
        'path "new\\nline"',
        'unreadable "secret"',
        'unreadable "shut"',
      ].sort(),
    );
    expect({ collectedCount, skippedCount }).toEqual({ collectedCount: 2, skippedCount: 14 });
  });

  it('never follows a link to a directory, and skips one only where a pattern names it', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.shell('ln -s / root; ln -s /etc etc; mkdir dir; ln -s ../dir dir/loop');
    const { files, skipped } = await sandbox.collect(['root/etc/passwd', 'etc/*', 'dir/**', '*/passwd']);
    expect({ files, skipped }).toEqual({ files: {}, skipped: [{ reason: 'link', path: 'dir/loop' }] });
  });

  it('is bounded in depth, and so are its descriptors', async () => {
    await using sandbox = await readySandbox(init);
    const { exit } = await sandbox.run(['/programs/hostile', 'deep', '1000']);
    expect(exit.code).toBe(0);
    const { files, skipped } = await sandbox.collect(['**/file']);
    expect(Object.keys(files)).toHaveLength(32);
    expect(Math.max(...Object.keys(files).map((path) => path.split('/').length))).toBe(32);
    expect(skipped).toEqual([{ reason: 'path', path: Array.from({ length: 32 }, () => 'd').join('/') }]);
  });

  it('is bounded in the length of a path', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.shell(
      'a=$(printf "a%.0s" $(seq 250)); mkdir -p $a/$a/$a/$a/b; echo 1 >$a/$a/$a/$a/1234567890123456789; echo 1 >$a/$a/$a/$a/12345678901234567890123; echo 1 >$a/$a/$a/$a/b/0123456789012345678; echo 1 >$a/$a/$a/$a/$a',
    );
    const { files, skipped } = await sandbox.collect(['**']);
    expect(Object.keys(files).map((path) => path.length)).toEqual([1023]);
    expect(skipped.map(({ reason, path }) => [reason, path.length]).sort()).toEqual([
      ['path', 1024],
      ['path', 1024],
      ['path', 1024],
    ]);
  });

  it('is bounded in number, and each left out is named up to the thousandth', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.run(['/programs/hostile', 'many-files', '5000']);
    const few = await sandbox.collect(['f*'], 10);
    expect(few).toMatchObject({ collectedCount: 10, skippedCount: 4_990 });
    expect(Object.keys(few.files)).toHaveLength(10);
    expect(few.skipped).toHaveLength(1_000);
    expect(new Set(few.skipped.map(({ reason }) => reason))).toEqual(new Set(['count_limit']));
    expect(Object.keys((await sandbox.collect(['f*'], 10_000)).files)).toHaveLength(5_000);
  });

  it('is bounded in bytes: a file that would pass the limit is left out, a smaller one still goes', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.shell(
      'head -c 60 /dev/zero >a; head -c 60 /dev/zero >b; head -c 40 /dev/zero >c; truncate -s 1T d',
    );
    const { files, skipped } = await sandbox.collect(['*'], 10, 100);
    expect(Object.keys(files)).toContain('c');
    expect(
      Object.values(files)
        .map((content) => content.length)
        .sort(),
    ).toEqual([40, 60]);
    expect(skipped.map(({ reason }) => reason)).toEqual(['bytes_limit', 'bytes_limit']);
  });

  it('of a file that shrinks meanwhile keeps its announced size, and says so', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.shell('head -c 8000000 /dev/zero | tr "\\0" x >f; echo 1 >g');
    await sandbox.send(collect(['f']));
    const { path, size } = artifactOf(await sandbox.expect(INIT.artifact));
    expect({ path, size }).toEqual({ path: 'f', size: 8_000_000 });
    await truncate(`/proc/${await sandbox.pid()}/root/workspace/f`, 4_000_000);
    const content: Buffer[] = [];
    for (let got = 0; got < size; got += content.at(-1)?.length ?? 0) {
      content.push((await sandbox.expect(INIT.artifactData)).payload);
    }
    const bytes = Buffer.concat(content);
    expect(bytes).toHaveLength(8_000_000);
    expect(bytes.subarray(0, 4_000_000).every((byte) => byte === 0x78)).toBe(true);
    expect(bytes.subarray(4_000_000).every((byte) => byte === 0)).toBe(true);
    expect(skippedOf(await sandbox.expect(INIT.artifactSkipped))).toEqual({ reason: 'changed', path: 'f' });
    expect((await sandbox.expect(INIT.collected)).payload).toEqual(Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]));
  });
});
