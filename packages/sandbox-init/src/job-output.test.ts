import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { exec, INIT, kill } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

describe.each(BUILDS)('the output of a command in %s', (_name, init) => {
  it('comes as it is written, stdout and stderr apart', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sh', '-c', 'echo one; echo two >&2; read line; echo three']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    const frames = [await sandbox.next(), await sandbox.next()];
    expect(frames.map((frame) => [frame?.type, frame?.payload.toString()]).sort()).toEqual([
      [INIT.stdout, 'one\n'],
      [INIT.stderr, 'two\n'],
    ]);
    await sandbox.send(kill());
    expect(await sandbox.exit()).toMatchObject({ stdout: '', exit: { signal: 9 } });
  });

  it('is complete after a flood on both streams', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout, stderr } = await sandbox.shell(
      'seq 1 300000; (seq 1 300000 >&2) & seq 300001 600000; wait',
    );
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('');
    expect(stdout === numbers(1, 600_000)).toBe(true);
    expect(stderr === numbers(1, 300_000)).toBe(true);
  });

  it('waits for a reader that pauses, and KILL does not wait behind it', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['yes']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    await sandbox.expect(INIT.stdout);
    await delay(200);
    await sandbox.send(kill());
    const { stdout, exit } = await sandbox.exit();
    expect(exit.signal).toBe(9);
    // What waited in init, in the kernel's buffers on the way, and in the pipe when it was killed.
    expect(stdout.length).toBeLessThan(2_000_000);
    expect(stdout.replaceAll('y\n', '').length).toBeLessThanOrEqual(2);
  });

  it('that is left in the largest pipe is still sent', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout } = await sandbox.run(['/programs/hostile', 'large-pipe']);
    expect(stdout.length).toBe(1 << 20);
  });

  it('may be packets of the size of one byte', async () => {
    await using sandbox = await readySandbox(init);
    expect((await sandbox.run(['/programs/hostile', 'packets', '20000'])).stdout).toBe('p'.repeat(20_000));
  });

  it('may be closed early, and reopened never', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout, exit } = await sandbox.shell('echo before; exec >&- 2>&-; sleep 0.1; exit 5');
    expect({ stdout, code: exit.code }).toEqual({ stdout: 'before\n', code: 5 });
  });

  it('ends although its other end is under way in a socket that nobody can reach', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout, exit } = await sandbox.run(['/programs/hostile', 'stdout-in-flight']);
    expect({ stdout, code: exit.code }).toEqual({ stdout: 'sent\n', code: 0 });
  });

  it('that looks like frames is data', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout } = await sandbox.shell(String.raw`printf '\207\000\000\000\000\000\000\000FHIN'`);
    expect(stdout).toBe('\x87\0\0\0\0\0\0\0FHIN');
  });
});
