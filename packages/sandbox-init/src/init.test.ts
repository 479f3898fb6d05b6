import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR, exec, file, hello, INIT, split, stdinEnd, WORKER } from './testing/frame-codec.js';
import { BUILDS, buildPrograms, sandboxInit } from './testing/programs.js';
import { readySandbox, startSandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

describe.each(BUILDS)('the start of %s', (_name, init) => {
  it('says HELLO unasked, and READY when it was greeted', async () => {
    await using sandbox = await startSandbox(init);
    const { payload } = await sandbox.expect(INIT.hello);
    expect(payload).toEqual(Buffer.from('FHIN\0\x01', 'latin1'));
    await sandbox.send(hello());
    expect((await sandbox.expect(INIT.ready)).payload).toHaveLength(0);
  });

  it('refuses another version', async () => {
    await using sandbox = await startSandbox(init);
    await sandbox.send(hello(2));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.protocol });
  });

  it.each([
    ['is read-only', 'mount -o remount,ro /workspace'],
    ['belongs to somebody else', 'chown 0 /workspace'],
    [
      'is not a directory',
      'mount -o remount,rw /; umount /workspace; rmdir /workspace; touch /workspace; chown 10001 /workspace',
    ],
  ])('refuses a workspace that %s', async (_case, setup) => {
    await using sandbox = await startSandbox(init, setup);
    await sandbox.send(hello());
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.workspace });
  });

  it('ends with code 0 when the worker goes away, at any time', async () => {
    for (const sent of [[], [hello()], [hello(), file('a', 'b'), exec(['sleep', '1000'])]]) {
      await using sandbox = await startSandbox(init);
      await sandbox.send(...sent);
      sandbox.hangUp();
      expect(await sandbox.ended()).toBe(0);
    }
  });

  it('takes frames that come byte by byte, or all at once', async () => {
    const conversation = Buffer.concat([hello(), file('f', 'from the file'), exec(['cat', 'f'])]);
    await using slow = await startSandbox(init);
    for (const byte of conversation) await slow.send(Buffer.from([byte]));
    await slow.expect(INIT.hello);
    await slow.expect(INIT.ready);
    expect((await slow.exit()).stdout).toBe('from the file');

    await using quick = await startSandbox(init);
    await quick.send(conversation);
    await quick.expect(INIT.hello);
    await quick.expect(INIT.ready);
    expect((await quick.exit()).stdout).toBe('from the file');
  });
});

it('does nothing but refuse when it is not PID 1', async () => {
  const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>(
    (resolve) =>
      execFile(sandboxInit, (error, out, err) => resolve({ code: error?.code, stdout: out, stderr: err })),
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('not PID 1');
});

describe('the footprint', () => {
  it('is a small program', async () => {
    expect((await stat(sandboxInit)).size).toBeLessThan(1024 * 1024);
  });

  // RssFile, the rest of VmRSS, is the program itself: one copy in the page cache for all sandboxes of a host.
  it('is under 160 KiB of its own and 1 MiB in all while it waits for a job, and under 1 MiB of its own ever', async () => {
    await using sandbox = await readySandbox();
    expect(await sandbox.memoryBytes('VmHWM')).toBeLessThan(1024 * 1024);
    expect(await sandbox.memoryBytes('RssAnon')).toBeLessThan(160 * 1024);
    await sandbox.send(exec(['sh', '-c', 'cat; head -c 8000000 /dev/zero', 'x'.repeat(100_000)]));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    await sandbox.send(...split(WORKER.stdin, Buffer.alloc(262_144)), stdinEnd());
    await sandbox.exit();
    expect(await sandbox.memoryBytes('RssAnon')).toBeLessThan(1024 * 1024);
  });

  it('stays bounded while the worker does not read: output is left in the pipe', async () => {
    await using sandbox = await readySandbox();
    await sandbox.send(exec(['sh', '-c', 'head -c 50000000 /dev/zero; echo late >&2; cat']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    await sandbox.send(...split(WORKER.stdin, Buffer.alloc(262_144)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await sandbox.memoryBytes('RssAnon')).toBeLessThan(1024 * 1024);
    await sandbox.send(stdinEnd());
    const { stdout, stderr } = await sandbox.exit();
    expect({ bytes: stdout.length, stderr }).toEqual({ bytes: 50_262_144, stderr: 'late\n' });
  });
});
