import { describe, expect, it } from 'vitest';
import { EXITED, runScripted, STARTED, stdout } from '../testing/run-scripted.js';

const never = () => new Promise<never>(() => undefined);

describe('a run', () => {
  it('sends the files, waits for the record of its start, and gives what the program did', async () => {
    const order: string[] = [];
    const ran = await runScripted(
      {
        argv: ['sh', 'main.sh'],
        files: { 'main.sh': 'echo hi', 'data/empty': '' },
        async beforeStart() {
          await new Promise((resolve) => setTimeout(resolve, 20));
          order.push('recorded');
        },
      },
      async (init) => {
        for (const expected of ['file', 'file_data', 'file', 'exec', 'stdin_end']) {
          const message = await init.hear();
          expect(message?.type).toBe(expected);
          order.push(expected);
        }
        await init.say(STARTED, stdout('hi\n'), { type: 'stderr', bytes: Buffer.from('oh\n') });
        await init.say({ type: 'exit', kind: 'run', exit: { code: 7, signal: null } });
      },
    );
    expect(order).toEqual(['file', 'file_data', 'file', 'recorded', 'exec', 'stdin_end']);
    expect(ran).toMatchObject({
      outcome: { type: 'exited', exitCode: 7 },
      exit: { code: 7, signal: null },
      stdout: 'hi\n',
      stderr: 'oh\n',
    });
    expect(ran.firstOutputAt).toBeInstanceOf(Date);
  });

  it('tells the signal that ended the program', async () => {
    const ran = await runScripted({}, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, { type: 'exit', kind: 'run', exit: { code: null, signal: 'SIGSEGV' } });
    });
    expect(ran).toMatchObject({
      outcome: { type: 'signalled', signal: 'SIGSEGV' },
      exit: { code: null, signal: 'SIGSEGV' },
    });
  });

  it('does not run what did not compile', async () => {
    const ran = await runScripted({ compile: ['cc', 'main.c'] }, async (init) => {
      expect(await init.hear()).toMatchObject({ type: 'exec', kind: 'compile' });
      await init.say({ type: 'started', kind: 'compile' }, stdout('main.c:1: error\n'));
      await init.say({ type: 'exit', kind: 'compile', exit: { code: 1, signal: null } });
      expect(await init.hearUntil('exec')).toBeUndefined();
    });
    expect(ran).toMatchObject({
      outcome: { type: 'compile_failed', exitCode: 1 },
      stdout: 'main.c:1: error\n',
    });
  });

  it('counts a compiler that was killed by a signal as a shell does', async () => {
    const ran = await runScripted({ compile: ['cc'] }, async (init) => {
      await init.hearUntil('exec');
      await init.say({ type: 'started', kind: 'compile' });
      await init.say({ type: 'exit', kind: 'compile', exit: { code: null, signal: 'SIGSEGV' } });
    });
    expect(ran.outcome).toEqual({ type: 'compile_failed', exitCode: 139 });
  });

  it('runs what compiled, and gives it the standard input', async () => {
    const ran = await runScripted({ compile: ['cc'], stdin: 'in' }, async (init) => {
      await init.hearUntil('exec');
      expect(await init.hear()).toEqual({ type: 'stdin_end' });
      await init.say({ type: 'started', kind: 'compile' });
      await init.say({ type: 'exit', kind: 'compile', exit: { code: 0, signal: null } });
      expect(await init.hear()).toMatchObject({ type: 'exec', kind: 'run' });
      await init.say(STARTED, { type: 'stdin_credit', bytes: 262_144 });
      const input = await init.hear();
      expect(input?.type === 'stdin' && Buffer.from(input.bytes).toString()).toBe('in');
      expect(await init.hear()).toEqual({ type: 'stdin_end' });
      await init.say(EXITED);
    });
    expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
  });

  it('sends standard input no faster than its credit', async () => {
    const stdin = Buffer.alloc(400_000, 'x');
    await runScripted({ stdin }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, { type: 'stdin_credit', bytes: 100 });
      const first = await init.hear();
      expect(first?.type === 'stdin' && first.bytes.length).toBe(100);
      await init.say({ type: 'stdin_credit', bytes: 262_000 });
      let heard = 0;
      while (heard < 262_000) {
        const message = await init.hear();
        heard += message?.type === 'stdin' ? message.bytes.length : Number.NaN;
      }
      expect(heard).toBe(262_000);
      await init.say(EXITED);
      expect(await init.hear()).toBeUndefined();
    });
  });

  it('joins a flood of tiny frames into few calls of the receiver', async () => {
    let calls = 0;
    const ran = await runScripted({ onOutput: () => void calls++ }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, ...Array.from({ length: 5_000 }, () => stdout('x')), EXITED);
    });
    expect(ran.stdout).toBe('x'.repeat(5_000));
    expect(calls).toBeLessThan(5);
  });

  it('keeps the order of output across streams', async () => {
    const order: string[] = [];
    await runScripted(
      { onOutput: (stream, chunk) => void order.push(`${stream} ${Buffer.from(chunk)}`) },
      async (init) => {
        await init.hearUntil('exec');
        const stderr = { type: 'stderr', bytes: Buffer.from('e') } as const;
        await init.say(STARTED, stdout('a'), stdout('b'), stderr, stdout('c'), EXITED);
      },
    );
    expect(order).toEqual(['stdout ab', 'stderr e', 'stdout c']);
  });

  it('does not read on before its receiver has taken what came', async () => {
    let taken = 0;
    let release: () => void = () => undefined;
    const sent: Promise<void>[] = [];
    await runScripted(
      {
        onOutput() {
          taken += 1;
          return taken === 1 ? new Promise<void>((resolve) => (release = resolve)) : undefined;
        },
      },
      async (init) => {
        await init.hearUntil('exec');
        await init.say(STARTED);
        for (let index = 0; index < 8; index++) sent.push(init.say(stdout('x'.repeat(60_000))));
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(taken).toBe(1);
        release();
        await Promise.all(sent);
        await init.say(EXITED);
      },
    );
    expect(taken).toBe(8);
  });

  it('refuses arguments that init has no room for, before anything began', async () => {
    const run = runScripted({ argv: ['sh', 'x'.repeat(1_100_000)] }, async () => undefined);
    await expect(run).rejects.toMatchObject({ name: 'SandboxError', code: 'exec_failed', began: false });
  });
});

describe('the first cause', () => {
  it('is the deadline when it passes, even when the program says that it exited in peace', async () => {
    const ran = await runScripted({ limits: { wallTimeMs: 60 } }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('before'));
      expect(await init.hearUntil('kill')).toEqual({ type: 'kill' });
      await init.say(stdout(' after'), EXITED);
    });
    expect(ran).toMatchObject({
      outcome: { type: 'limit_exceeded', limit: 'wall_time' },
      exit: { code: 0, signal: null },
      stdout: 'before after',
    });
  });

  it('is the output limit, after exactly so many bytes', async () => {
    const ran = await runScripted({ limits: { outputBytes: 1024 } }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('x'.repeat(1000)), stdout('y'.repeat(100)), stdout('z'));
      await init.hearUntil('kill');
      await init.say(stdout('late'), { type: 'stderr', bytes: Buffer.from('err') });
      await init.say({ type: 'exit', kind: 'run', exit: { code: null, signal: 'SIGKILL' } });
    });
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
    expect(ran.stdout).toBe('x'.repeat(1000) + 'y'.repeat(24));
    expect(ran.stderr).toBe('err');
  });

  it('is no limit when output ends exactly there', async () => {
    const ran = await runScripted({ limits: { outputBytes: 1024 } }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('x'.repeat(1024)), EXITED);
    });
    expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
  });

  it('counts output over compilation and run together', async () => {
    const ran = await runScripted({ compile: ['cc'], limits: { outputBytes: 1024 } }, async (init) => {
      await init.hearUntil('exec');
      await init.say({ type: 'started', kind: 'compile' }, stdout('x'.repeat(1000)));
      await init.say({ type: 'exit', kind: 'compile', exit: { code: 0, signal: null } });
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('y'.repeat(100)));
      await init.hearUntil('kill');
      await init.say(EXITED);
    });
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
    expect(ran.stdoutBytes).toBe(1024);
  });

  it('is the CPU time that the host counts, less what was used before the command', async () => {
    const ran = await runScripted({ limits: { cpuTimeMs: 100 } }, async (init, container) => {
      container.setCounters({ cpuTimeMs: 40 });
      await init.hearUntil('exec');
      await init.say(STARTED);
      container.setCounters({ cpuTimeMs: 139 });
      await new Promise((resolve) => setTimeout(resolve, 150));
      container.setCounters({ cpuTimeMs: 141 });
      await init.hearUntil('kill');
      await init.say(EXITED);
    });
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'cpu_time' });
    expect(ran.usage.cpuTimeMs).toBe(101);
  });

  it('is memory when the kernel has killed, whatever the program made of it', async () => {
    const ran = await runScripted({}, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED);
      container.setCounters({ oomKills: 1 });
      await init.say(EXITED);
    });
    expect(ran).toMatchObject({ outcome: { type: 'limit_exceeded', limit: 'memory' }, exit: { code: 0 } });
  });

  it('is memory when an oom kill is seen while the rest of the job goes on', async () => {
    const ran = await runScripted({}, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED);
      container.setCounters({ oomKills: 2 });
      await init.hearUntil('kill');
      await init.say(EXITED);
    });
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'memory' });
  });

  it('is not memory because of an exit code 137', async () => {
    const ran = await runScripted({}, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, { type: 'exit', kind: 'run', exit: { code: 137, signal: null } });
    });
    expect(ran.outcome).toEqual({ type: 'exited', exitCode: 137 });
  });

  it('stays when others follow', async () => {
    const abort = new AbortController();
    const ran = await runScripted(
      { signal: abort.signal, limits: { wallTimeMs: 80, outputBytes: 1024 } },
      async (init, container) => {
        await init.hearUntil('exec');
        await init.say(STARTED);
        abort.abort();
        await init.hearUntil('kill');
        container.setCounters({ oomKills: 1 });
        await init.say(stdout('x'.repeat(2000)));
        await new Promise((resolve) => setTimeout(resolve, 120));
        await init.say(EXITED);
      },
    );
    expect(ran.outcome).toEqual({ type: 'canceled' });
  });
});

describe('an end by force', () => {
  it('comes when init does not answer KILL, and the last counters are kept', async () => {
    const ran = await runScripted({ limits: { wallTimeMs: 60 } }, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED);
      container.setCounters({ cpuTimeMs: 33 });
      expect(await init.hearUntil('collect')).toBeUndefined();
      expect(container.destroyed).toBe(true);
    });
    expect(ran).toMatchObject({ outcome: { type: 'limit_exceeded', limit: 'wall_time' }, exit: null });
    expect(ran.usage.cpuTimeMs).toBe(33);
    expect(ran.usage.wallTimeMs).toBeGreaterThanOrEqual(60);
  });

  it('comes when init never says that the command started', async () => {
    const ran = await runScripted({ limits: { wallTimeMs: 60 } }, (init) => init.hearUntil('collect'));
    expect(ran).toMatchObject({ outcome: { type: 'limit_exceeded', limit: 'wall_time' }, exit: null });
  });

  it('does not wait for a receiver that never takes its output', async () => {
    const ran = await runScripted({ limits: { wallTimeMs: 60 }, onOutput: never }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('x'), EXITED);
    });
    expect(ran).toMatchObject({ outcome: { type: 'limit_exceeded', limit: 'wall_time' }, exit: null });
  });

  it('does not depend on init taking what is written to it', async () => {
    const ran = await runScripted(
      { stdin: Buffer.alloc(1_000_000), limits: { wallTimeMs: 60 } },
      async (init) => {
        await init.hearUntil('exec');
        await init.say(STARTED, { type: 'stdin_credit', bytes: 262_144 });
      },
    );
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
  });

  it('destroys at once a sandbox in which no command runs', async () => {
    const abort = new AbortController();
    const ran = await runScripted(
      {
        signal: abort.signal,
        async beforeStart() {
          abort.abort();
          await never();
        },
      },
      (init) => init.hearUntil('exec').then((message) => expect(message).toBeUndefined()),
    );
    expect(ran).toMatchObject({ outcome: { type: 'canceled' }, exit: null, stdout: '' });
  });

  it('cancels before it begins when the signal was aborted already', async () => {
    let began = false;
    const job = {
      signal: AbortSignal.abort(),
      async beforeStart() {
        began = true;
      },
    };
    const ran = await runScripted(job, (init) => init.hearUntil('exec'));
    expect(ran.outcome).toEqual({ type: 'canceled' });
    expect(began).toBe(false);
  });

  it('ends the watch over a sandbox whose counters have become unreadable', async () => {
    const run = runScripted({}, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED);
      container.setCounters(new Error('no such cgroup'));
      await init.hearUntil('collect');
    });
    await expect(run).rejects.toMatchObject({
      name: 'SandboxError',
      code: 'counters_unreadable',
      began: true,
    });
  });
});
