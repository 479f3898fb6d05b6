import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.js';

export function describePrograms(bench: Bench): void {
  describe('a program', () => {
    it('runs, and its output and exit code come back', async () => {
      const ran = await bench.sh('echo out; echo err >&2; exit 3');
      expect(ran).toMatchObject({
        outcome: { type: 'exited', exitCode: 3 },
        exit: { code: 3, signal: null },
        stdout: 'out\n',
        stderr: 'err\n',
      });
    });

    it('that exits with 0 has exited with 0', async () => {
      expect((await bench.run({ argv: ['true'] })).outcome).toEqual({ type: 'exited', exitCode: 0 });
    });

    it('that exits with 255 has exited with 255', async () => {
      expect((await bench.sh('exit 255')).outcome).toEqual({ type: 'exited', exitCode: 255 });
    });

    it('that exits with 137 was not killed', async () => {
      expect((await bench.sh('exit 137')).outcome).toEqual({ type: 'exited', exitCode: 137 });
    });

    it.each(['SEGV', 'TERM', 'KILL', 'ABRT'])('that ends by SIG%s is said to', async (signal) => {
      const ran = await bench.sh(`echo before; kill -${signal} $$; sleep 5`);
      expect(ran).toMatchObject({
        outcome: { type: 'signalled', signal: `SIG${signal}` },
        exit: { code: null, signal: `SIG${signal}` },
        stdout: 'before\n',
      });
    });

    it('gets its arguments exactly', async () => {
      const args = ['', ' ', 'a b', '"$HOME"', "it's", '*', '-n', '\\n', 'line\nbreak', 'ünïcödé 😀', '--'];
      const ran = await bench.sh(`printf '%s\\0' "$@"`, {}, ...args);
      expect(ran.stdout.split('\0').slice(0, -1)).toEqual(args);
    });

    it('gets exactly the environment of its command', async () => {
      const env = { GREETING: 'hello world', EMPTY: '', LINES: 'a\nb', PATH: '/usr/bin:/bin' };
      const ran = await bench.run({ argv: ['env', '-0'], env });
      const got = ran.stdout.split('\0').slice(0, -1);
      expect(got.sort()).toEqual(
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
    });

    it('starts in an empty workspace that it can write to', async () => {
      const ran = await bench.sh('ls -A; echo x > file; mkdir dir; mv file dir/; cat dir/file');
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'x\n', stderr: '' });
    });

    it('is found on the PATH of its command', async () => {
      const ran = await bench.sh('ls /proc/self/fd > /dev/null && exec 2>&- && echo found');
      expect(ran.stdout).toBe('found\n');
    });

    bench.itWith('processes')('has no more open than its three streams', async () => {
      const ran = await bench.run({ argv: ['ls', '/proc/self/fd'] });
      // The fourth is the directory that ls reads.
      expect(ran.stdout).toBe('0\n1\n2\n3\n');
    });

    it('that does not exist fails the run, not the program', async () => {
      const ran = bench.run({ argv: ['no-such-program'] });
      await expect(ran).rejects.toMatchObject({ name: 'SandboxError', code: 'exec_failed', began: false });
    });

    it('that is not executable fails the run, not the program', async () => {
      const ran = bench.run({ argv: ['./main'], files: { main: 'just text' } });
      await expect(ran).rejects.toMatchObject({ name: 'SandboxError', code: 'exec_failed', began: false });
    });

    it('that ends at once loses no output, every time', async () => {
      for (let turn = 0; turn < 10; turn++) {
        const ran = await bench.sh(`echo ${turn}; exit ${turn}`);
        expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: turn }, stdout: `${turn}\n` });
      }
    });

    it('starts only after its start was recorded', async () => {
      let recorded = 0;
      const ran = await bench.run({
        argv: ['date', '+%s%N'],
        async beforeStart() {
          await new Promise((resolve) => setTimeout(resolve, 50));
          recorded = Date.now();
        },
      });
      expect(Number(ran.stdout) / 1e6).toBeGreaterThanOrEqual(recorded - 1);
    });

    it('never starts when its start can not be recorded', async () => {
      const failure = new Error('no audit, no start');
      let output = 0;
      const ran = bench.sh('echo started', {
        beforeStart: () => Promise.reject(failure),
        onOutput: () => void output++,
      });
      await expect(ran).rejects.toBe(failure);
      expect(output).toBe(0);
    });
  });

  describe('a program that is compiled first', () => {
    it('runs after its compiler, in the same workspace', async () => {
      const ran = await bench.sh('cat made', {
        compile: ['sh', '-c', 'echo compiling; echo program > made'],
      });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'compiling\nprogram\n' });
    });

    it('does not run when its compiler fails', async () => {
      const ran = await bench.sh('echo ran', { compile: ['sh', '-c', 'echo "main.c:1: no" >&2; exit 2'] });
      expect(ran).toMatchObject({
        outcome: { type: 'compile_failed', exitCode: 2 },
        exit: { code: 2, signal: null },
        stdout: '',
        stderr: 'main.c:1: no\n',
      });
    });

    it('has standard input, and its compiler has none', async () => {
      const ran = await bench.sh('cat', { compile: ['cat'], stdin: 'for the program' });
      expect(ran.stdout).toBe('for the program');
    });

    bench.itWith('processes')('finds no process of its compiler left', async () => {
      const ran = await bench.sh('kill -0 $(cat pid) 2>/dev/null && echo alive || echo gone', {
        compile: ['sh', '-c', 'sleep 60 & echo $! > pid'],
      });
      expect(ran.stdout).toBe('gone\n');
    });
  });
}
