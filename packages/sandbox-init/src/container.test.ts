import { beforeAll, describe, expect, it } from 'vitest';
import { containerSandbox } from './testing/container.js';
import { ERROR, exec, INIT } from './testing/frame-codec.js';
import { buildPrograms } from './testing/programs.js';

beforeAll(buildPrograms);

describe('in a container', () => {
  it('a job runs', async () => {
    await using sandbox = await containerSandbox();
    const ran = await sandbox.shell('echo $$ >pid; cat /proc/1/comm; exit 3');
    expect(ran).toMatchObject({ stdout: 'init\n', exit: { code: 3 } });
    expect(Object.keys((await sandbox.collect(['*'])).files)).toEqual(['pid']);
  });

  it.each([
    ['a fork bomb', ['/programs/hostile', 'fork-bomb', '2000']],
    ['a bomb that goes on after its parent', ['/programs/hostile', 'bomb-and-leave']],
    ['zombies up to the limit', ['/programs/hostile', 'zombies', '5000']],
  ])(
    '%s ends, and is told, although it has used up every process',
    async (_case, argv) => {
      await using sandbox = await containerSandbox('--pids-limit=64');
      const { exit } = await sandbox.run(argv);
      expect(exit).toMatchObject({ code: 0, signal: null });
      expect((await sandbox.collect(['**'])).collectedCount).toBe(0);
    },
    30_000,
  );

  it('a compile that leaves a bomb is followed by a run', async () => {
    await using sandbox = await containerSandbox('--pids-limit=32');
    await sandbox.run(['/programs/hostile', 'bomb-and-leave'], { kind: 'compile' });
    expect((await sandbox.run(['echo', 'here'])).stdout).toBe('here\n');
  });

  it('a command that cannot be forked is an ERROR of ours', async () => {
    await using sandbox = await containerSandbox('--pids-limit=1');
    await sandbox.send(exec(['true']));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.resources });
  });

  it.each([
    ['touches more than it may', '32m', ['/programs/hostile', 'take-memory', '100'], { signal: 9 }],
    [
      'fills the workspace with more than it may',
      '32m',
      ['sh', '-c', 'exec cat /dev/zero >full'],
      { signal: 9 },
    ],
  ])('the OOM killer takes a job that %s, and init tells of it', async (_case, memory, argv, ending) => {
    await using sandbox = await containerSandbox(`--memory=${memory}`, `--memory-swap=${memory}`);
    const { exit } = await sandbox.run(argv);
    expect(exit).toMatchObject(ending);
    expect((await sandbox.collect(['nothing'])).collectedCount).toBe(0);
  });

  it.each([
    ['goes on after it', 'head -c 4000000 /dev/zero >good; cat /dev/zero >full'],
    ['ends with it', 'head -c 4000000 /dev/zero >good; exec cat /dev/zero >full'],
  ])('a workspace that took all memory can be collected when the job %s', async (_case, script) => {
    for (let round = 0; round < 3; round++) {
      await using sandbox = await containerSandbox('--memory=24m', '--memory-swap=24m');
      await sandbox.shell(script);
      const { files } = await sandbox.collect(['good']);
      expect(files.good).toHaveLength(4_000_000);
    }
  });

  it('a collection with few descriptors leaves out what is too deep for them', async () => {
    await using sandbox = await containerSandbox('--ulimit=nofile=20:20');
    await sandbox.run(['/programs/hostile', 'deep', '30'], { openFiles: 16n });
    const { files, skipped } = await sandbox.collect(['**/file']);
    expect(Object.keys(files).length).toBeGreaterThan(5);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(new Set(['unreadable']));
  });

  it('everything ends when the worker goes away', async () => {
    await using sandbox = await containerSandbox();
    await sandbox.send(exec(['sleep', '1000']));
    await sandbox.expect(INIT.started);
    sandbox.hangUp();
    expect(await sandbox.ended()).toBe(0);
  });
});
