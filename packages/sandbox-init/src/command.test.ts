import { beforeAll, describe, expect, it } from 'vitest';
import { ERROR, type ExecOptions, exec, file, hello, INIT, kill } from './testing/frame-codec.js';
import { BUILDS, buildPrograms, sandboxInit } from './testing/programs.js';
import { readySandbox, startSandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

describe.each(BUILDS)('a command in %s', (_name, init) => {
  it('gets its argv and env', async () => {
    await using sandbox = await readySandbox(init);
    const argv = [
      'perl',
      '-e',
      'print join("|", @ARGV, map("$_=$ENV{$_}", sort keys %ENV))',
      '',
      'two words',
      'é\n',
    ];
    const { stdout, exit } = await sandbox.run(argv, { env: ['PATH=/bin', 'EMPTY=', 'A=b=c'] });
    expect(Buffer.from(stdout, 'latin1').toString()).toBe('|two words|é\n|A=b=c|EMPTY=|PATH=/bin');
    expect(exit).toMatchObject({ kind: 'run', code: 0, signal: null });
  });

  it('gets a megabyte of arguments over many frames, and not more', async () => {
    await using sandbox = await readySandbox(init);
    const words = Array.from({ length: 10 }, (_, index) => String(index).repeat(100_000));
    const { stdout } = await sandbox.run(['sh', '-c', 'echo $#; expr length "$9"', 'sh', ...words], {
      largestFrame: 1_000,
    });
    expect(stdout).toBe('10\n100000\n');

    await using over = await readySandbox(init);
    await over.send(exec(['true', ...words, 'x'.repeat(100_000)]));
    expect(await over.failure()).toMatchObject({ code: ERROR.exec });

    await using many = await readySandbox(init);
    await many.send(exec(Array.from({ length: 2_000 }, () => 'true')));
    expect(await many.failure()).toMatchObject({ code: ERROR.exec });

    await using long = await readySandbox(init);
    await long.send(exec(['true', 'x'.repeat(200_000)]));
    expect(await long.failure()).toMatchObject({
      code: ERROR.exec,
      message: 'cannot execute: true: Argument list too long',
    });
  });

  it.each([0, 1, 42, 255])('reports exit code %d', async (code) => {
    await using sandbox = await readySandbox(init);
    expect((await sandbox.shell(`exit ${code}`)).exit).toMatchObject({ code, signal: null });
  });

  it.each([
    ['SIGKILL', 9],
    ['SIGSEGV', 11],
    ['SIGTERM', 15],
    ['SIGPIPE', 13],
    ['a real-time signal', 64],
  ])('reports that %s ended it', async (_signal, number) => {
    await using sandbox = await readySandbox(init);
    expect((await sandbox.shell(`kill -${number} $$`)).exit).toMatchObject({ code: null, signal: number });
  });

  it('reports its CPU time and memory', async () => {
    await using sandbox = await readySandbox(init);
    const { exit } = await sandbox.shell('/programs/hostile spin 150; /programs/hostile take-memory 20');
    expect(exit.userUs + exit.systemUs).toBeGreaterThan(150_000);
    expect(exit.userUs + exit.systemUs).toBeLessThan(60_000_000);
    expect(exit.maxRssBytes).toBeGreaterThan(20 * 1024 * 1024);
    expect(exit.maxRssBytes).toBeLessThan(100 * 1024 * 1024);
  });

  it.each<[string, readonly string[], ExecOptions, string]>([
    ['a name that is nowhere', ['no-such-program'], {}, 'No such file or directory'],
    ['a path that is nowhere', ['/no/such/program'], {}, 'No such file or directory'],
    ['an empty name', [''], {}, 'No such file or directory'],
    ['a directory', ['/usr'], {}, 'Permission denied'],
    ['a file without x', ['./plain'], {}, 'Permission denied'],
    [
      'a file without x, found in PATH',
      ['plain'],
      { env: ['PATH=/usr/bin:/workspace'] },
      'Permission denied',
    ],
    ['a file of an unknown format', ['./odd'], {}, 'Exec format error'],
    ['a file whose interpreter is nowhere', ['./lost'], {}, 'No such file or directory'],
  ])('that is %s is an ERROR', async (_case, argv, options, message) => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(
      file('plain', 'x'),
      file('odd', 'x', 1),
      file('lost', '#!/no/such\n', 1),
      exec(argv, options),
    );
    expect(await sandbox.failure()).toEqual({
      code: ERROR.exec,
      message: `cannot execute: ${argv[0] === '' ? '' : `${argv[0]}: `}${message}`.replace(/: : /, ': '),
    });
  });

  it("is searched for in its own env's PATH, in order, from its working directory", async () => {
    const found = async (PATH: readonly string[], cwd = '') => {
      await using sandbox = await readySandbox(init);
      const script = (name: string) => `#!/bin/sh\necho ${name}\n`;
      await sandbox.send(file('one/tool', script('one'), 1), file('two/tool', script('two'), 1));
      return (await sandbox.run(['tool'], { env: PATH, cwd })).stdout;
    };
    expect(await found(['PATH=/workspace/one:/workspace/two'])).toBe('one\n');
    expect(await found(['PATH=/nowhere:/workspace/two:/workspace/one'])).toBe('two\n');
    expect(await found([`PATH=/${'x'.repeat(5_000)}:one`])).toBe('one\n');
    expect(await found(['PATH='], 'two')).toBe('two\n');
    expect(await found(['PATH=/usr/bin:'], 'one')).toBe('one\n');
    await using withoutPath = await readySandbox(init);
    expect((await withoutPath.run(['echo', 'default'], { env: [] })).stdout).toBe('default\n');
  });

  it('begins in the directory it was given, reached without following links', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(file('a/b/c', ''));
    expect((await sandbox.run(['pwd'], { cwd: 'a/b' })).stdout).toBe('/workspace/a/b\n');

    await using compiled = await readySandbox(init);
    await compiled.shell('ln -s /tmp link', { kind: 'compile' });
    await compiled.send(exec(['pwd'], { cwd: 'link' }));
    expect(await compiled.failure()).toMatchObject({
      code: ERROR.exec,
      message: expect.stringContaining('directory'),
    });
  });

  it('inherits nothing but descriptors 0 to 2, and neither masks nor ignored signals', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout } = await sandbox.shell(
      '/programs/hostile descriptors; echo; grep -E "^(SigBlk|SigIgn|NoNewPrivs|CapEff|CapPrm|Uid|Gid|Groups):" /proc/self/status; umask',
    );
    expect(stdout.replaceAll('\t', ' ').split('\n')).toEqual([
      '0 1 2 ',
      'Uid: 10001 10001 10001 10001',
      'Gid: 10001 10001 10001 10001',
      'Groups:  ',
      'SigBlk: 0000000000000000',
      'SigIgn: 0000000000000000',
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'NoNewPrivs: 1',
      '0022',
      '',
    ]);
  });

  it('leads its own session, under its limits, and is offered to the OOM killer first', async () => {
    await using sandbox = await readySandbox(init);
    const { stdout } = await sandbox.shell(
      'cut -d" " -f1,5,6 /proc/$$/stat; cat /proc/self/oom_score_adj; ulimit -n -H; ulimit -n -S; cat /proc/$$/limits | grep -E "core|cpu|Max file size"',
      { openFiles: 77n, fileSizeBytes: 123_000n, cpuSeconds: 7n },
    );
    const [ids, oom, hard, soft, ...limits] = stdout.trim().split('\n');
    expect(new Set(ids?.split(' ')).size).toBe(1);
    expect([oom, hard, soft]).toEqual(['1000', '77', '77']);
    expect(limits.map((line) => line.replace(/\s+/g, ' ').trim())).toEqual([
      'Max cpu time 7 8 seconds',
      'Max file size 123000 123000 bytes',
      'Max core file size 1 1 bytes',
    ]);
  });

  it('is stopped by its file size and CPU limits', async () => {
    await using large = await readySandbox(init);
    const written = await large.shell('head -c 2000 /dev/zero >f; wc -c <f', { fileSizeBytes: 1_000n });
    expect(written.stdout).toBe('1000\n');

    await using busy = await readySandbox(init);
    const { exit } = await busy.run(['/programs/hostile', 'spin', '60000'], { cpuSeconds: 1n });
    expect(exit.signal).toBe(24);
  });

  it('that may not have its limits is an ERROR of ours', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['true'], { openFiles: 2n ** 40n }));
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.resources });
  });

  it('can be a compile and then a run, which sees what the compile left', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(file('main.c', 'int main(void) { return 7; }'));
    const compiled = await sandbox.shell('echo compiling >&2; cp main.c out; (sleep 1000 &)', {
      kind: 'compile',
    });
    expect(compiled).toMatchObject({ stderr: 'compiling\n', exit: { kind: 'compile', code: 0 } });
    const ran = await sandbox.shell('cat out; cat /proc/[0-9]*/comm | grep -c sleep');
    expect(ran).toMatchObject({ stdout: 'int main(void) { return 7; }0\n', exit: { kind: 'run', code: 1 } });
  });

  it('that was killed before it began still has a STARTED and an EXIT', async () => {
    for (let round = 0; round < 20; round++) {
      await using sandbox = await startSandbox(init);
      await sandbox.send(hello(), exec(['sleep', '1000']), kill());
      await sandbox.expect(INIT.hello);
      await sandbox.expect(INIT.ready);
      await sandbox.expect(INIT.started);
      expect((await sandbox.exit()).exit).toMatchObject({ code: null, signal: 9 });
    }
  });
});

it('gives full output and the right code for 200 programs that end within a millisecond', async () => {
  const rounds = Array.from({ length: 200 }, (_, round) => round);
  const one = async (round: number) => {
    await using sandbox = await startSandbox(sandboxInit);
    await sandbox.send(hello(), exec(['/programs/hostile', 'flood', String(round * 100)]));
    await sandbox.expect(INIT.hello);
    await sandbox.expect(INIT.ready);
    await sandbox.expect(INIT.started);
    const { stdout, exit } = await sandbox.exit();
    expect({ bytes: stdout.length, ...exit }).toMatchObject({ bytes: round * 100, code: 0, signal: null });
  };
  for (let at = 0; at < rounds.length; at += 4) await Promise.all(rounds.slice(at, at + 4).map(one));
}, 60_000);
