import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR, exec, INIT } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

// Without the seccomp profile and the masked paths of a real sandbox: what init withstands by itself.
describe.each(BUILDS)('a job that attacks %s', (_name, init) => {
  it('sends it every signal, in vain', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout, exit } = await sandbox.run(['/programs/hostile', 'signals-to-init']);
    expect({ stdout, code: exit.code }).toEqual({ stdout: 'still here\n', code: 0 });
    expect((await sandbox.collect(['**'])).collectedCount).toBe(0);
  });

  it('can neither open its files in /proc nor trace it', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout } = await sandbox.run(['/programs/hostile', 'open-init']);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(11);
    for (const line of lines) expect(line).toMatch(/: (EACCES|EPERM)$/);
  });

  it('takes its descriptors away by prlimit: init says so and ends, it does not hang', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['/programs/hostile', 'limit-init']));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.resources });
  });

  it('makes it the last to run: it still ends the job', async () => {
    await using sandbox = await readySandbox(init);
    const { exit } = await sandbox.run(['/programs/hostile', 'starve-init']);
    expect(exit.code).toBe(0);
  });

  it('replaces the workspace under it, or takes away the rights', async () => {
    await using moved = await readySandbox(init);
    await moved.shell(
      'mv /workspace /tmp/x; rm -rf /workspace; rm -rf /workspace/*; ln -s /etc /workspace/etc',
    );
    expect(await moved.collect(['**'])).toMatchObject({
      files: {},
      skipped: [{ reason: 'link', path: 'etc' }],
    });

    await using shut = await readySandbox(init);
    await shut.shell('echo 1 >a; chmod 0 /workspace');
    expect(await shut.collect(['**'])).toMatchObject({
      files: {},
      skipped: [{ reason: 'unreadable', path: '.' }],
    });
  });

  it('fills the workspace: its end is still told', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sh', '-c', 'cat /dev/zero >a; echo full']));
    await sandbox.expect(INIT.started);
    const { stdout } = await sandbox.exit();
    expect(stdout).toBe('full\n');
  });
});
