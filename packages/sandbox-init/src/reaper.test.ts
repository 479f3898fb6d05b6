import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { exec, INIT, kill } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox, type TestSandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

/** Every process in init's PID namespace, init included, as the host sees them. */
async function processes(sandbox: TestSandbox): Promise<number> {
  const own = await readlink(`/proc/${await sandbox.pid()}/ns/pid`);
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const namespaces = await Promise.all(ids.map((id) => readlink(`/proc/${id}/ns/pid`).catch(() => '')));
  return namespaces.filter((namespace) => namespace === own).length;
}

describe.each(BUILDS)('the end of a job in %s', (_name, init) => {
  it.each([
    ['a child that holds stdout', 'sleep 1000 & echo daemons'],
    ['daemons that ignore every signal', '/programs/hostile daemons 30'],
    ['orphans whose new parent is of the job', '/programs/hostile subreaper 10 | head -1; echo daemons'],
    ['children of init that the job made', '/programs/hostile siblings 20; echo daemons'],
    ['a stopped process', 'sleep 1000 & kill -STOP $!; echo daemons'],
    [
      'a bomb that goes on after its parent',
      '(ulimit -u 1000; timeout 20 perl -e "fork while 1" &) ; echo daemons',
    ],
  ])('does not wait for %s', async (_case, script) => {
    await using sandbox = await readySandbox(init);
    const { stdout, exit } = await sandbox.shell(script);
    expect(stdout).toContain('daemons');
    expect(exit.code).toBe(0);
    expect(await processes(sandbox)).toBe(1);
  });

  it('leaves no zombies, during the run or after it', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sh', '-c', '/programs/hostile zombies 3000; sleep 1000']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    await sandbox.expect(INIT.stdout);
    for (let waited = 0; (await processes(sandbox)) > 3; waited++) {
      if (waited > 200) throw new Error('zombies stay');
      await delay(50);
    }
    await sandbox.send(kill());
    expect((await sandbox.exit()).exit.signal).toBe(9);
    expect(await processes(sandbox)).toBe(1);
  });

  it('comes at KILL, whatever runs', async () => {
    for (const script of ['sleep 1000', 'trap "" TERM INT HUP; while :; do :; done', 'kill -STOP $$']) {
      await using sandbox = await readySandbox(init);
      await sandbox.send(exec(['sh', '-c', script]));
      await sandbox.expect(INIT.started);
      await delay(50);
      await sandbox.send(kill(), kill());
      expect((await sandbox.exit()).exit).toMatchObject({ code: null, signal: 9 });
      expect(await processes(sandbox)).toBe(1);
    }
  });

  it('is that of everything when the worker goes away', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sh', '-c', '/programs/hostile daemons 20; yes']));
    await sandbox.expect(INIT.started);
    await delay(100);
    // The namespace lives as long as a process is in it, and init is the last to be reaped.
    sandbox.hangUp();
    expect(await sandbox.ended()).toBe(0);
  });

  it('is not announced twice, and a command that kills all others ends as it says', async () => {
    await using sandbox = await readySandbox(init);
    const { exit } = await sandbox.shell('sleep 1000 & perl -e "kill 9, -1; exit 6"; exit 4');
    expect(exit.signal).toBe(9);
    const { collectedCount } = await sandbox.collect(['*']);
    expect(collectedCount).toBe(0);
  });
});
