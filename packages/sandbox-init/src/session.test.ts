import { beforeAll, describe, expect, it } from 'vitest';
import {
  collect,
  ERROR,
  exec,
  file,
  fileBegin,
  frame,
  hello,
  INIT,
  kill,
  stdin,
  stdinEnd,
  WORKER,
} from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox, startSandbox, type TestSandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

const u32 = (value: number) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);

describe.each(BUILDS)('the conversation with %s', (_name, init) => {
  const refuses = async (sandbox: TestSandbox) =>
    expect(await sandbox.failure()).toMatchObject({ code: ERROR.protocol });

  it.each([
    ['FILE', file('a')],
    ['EXEC', exec(['true'])],
    ['KILL', kill()],
    ['an unknown type', frame(0x7f)],
    ['an empty HELLO', frame(WORKER.hello)],
    ['a long HELLO', frame(WORKER.hello, Buffer.from([0, 1, 0]))],
  ])('does not begin with %s', async (_case, bytes) => {
    await using sandbox = await startSandbox(init);
    await sandbox.send(bytes);
    await refuses(sandbox);
  });

  it.each([
    ['a second HELLO', hello()],
    ['an unknown type', frame(0x09)],
    ["a type of init's", frame(INIT.exit)],
    ['a flag', frame(WORKER.kill, Buffer.alloc(0), { flags: 1 })],
    ['an unknown flag', frame(WORKER.exec, Buffer.alloc(0), { flags: 2 })],
    ['a channel', frame(WORKER.kill, Buffer.alloc(0), { channel: 1 })],
    ['a payload that is too long', frame(WORKER.file, Buffer.alloc(0), { length: 65_537 })],
    ['the longest length there is', frame(WORKER.file, Buffer.alloc(70_000), { length: 2 ** 32 - 1 })],
    ['FILE_DATA without FILE', frame(WORKER.fileData, Buffer.from('x'))],
    ['STDIN before EXEC', stdin('x')],
    ['STDIN_END before EXEC', stdinEnd()],
    ['COLLECT before EXEC', collect(['*'])],
    ['KILL with a payload', frame(WORKER.kill, Buffer.from('x'))],
    ['an empty FILE', frame(WORKER.file)],
    ['an unknown file mode', fileBegin('a', 0, 2)],
    ['a path longer than its frame', frame(WORKER.file, u32(5))],
    ['an empty EXEC', frame(WORKER.exec)],
    ['EXEC without argv', exec([])],
    ['EXEC with a NUL in argv', exec(['a\0b'])],
    ['EXEC with an env entry without a name', exec(['true'], { env: ['=x'] })],
    ['EXEC with an env entry without a value', exec(['true'], { env: ['PATH'] })],
    ['EXEC in a directory outside', exec(['true'], { cwd: '..' })],
    ['EXEC in an absolute directory', exec(['true'], { cwd: '/' })],
    [
      'EXEC with bytes after its end',
      frame(WORKER.exec, Buffer.concat([exec(['true']).subarray(8), u32(0)])),
    ],
    ['a list longer than its frame', frame(WORKER.exec, Buffer.concat([Buffer.alloc(5), u32(9)]))],
    ['FILE in the middle of another', Buffer.concat([fileBegin('a', 5), file('b')])],
    ['EXEC in the middle of a file', Buffer.concat([fileBegin('a', 5), exec(['true'])])],
    [
      'more data than the size of the file',
      Buffer.concat([fileBegin('a', 1), frame(WORKER.fileData, Buffer.from('ab'))]),
    ],
    [
      'something else between the parts of EXEC',
      Buffer.concat([frame(WORKER.exec, Buffer.from([1]), { flags: 1 }), file('a')]),
    ],
  ])('refuses %s', async (_case, bytes) => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(bytes);
    await refuses(sandbox);
  });

  it.each([
    ['FILE', file('a')],
    ['EXEC', exec(['true'])],
    ['COLLECT', collect(['*'])],
    ['two ends of stdin', Buffer.concat([stdinEnd(), stdinEnd()])],
    ['STDIN after its end', Buffer.concat([stdinEnd(), stdin('x')])],
    ['STDIN_END with a payload', frame(WORKER.stdinEnd, Buffer.from('x'))],
  ])('refuses, while a command runs, %s', async (_case, bytes) => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sleep', '1000']));
    await sandbox.expect(INIT.started);
    await sandbox.send(bytes);
    await refuses(sandbox);
  });

  it('refuses STDIN beyond the credit, also before any was given', async () => {
    await using early = await readySandbox(init);
    await early.send(exec(['sleep', '1000']), stdin('x'));
    await refuses(early);

    await using greedy = await readySandbox(init);
    await greedy.send(exec(['sleep', '1000']));
    await greedy.expect(INIT.started);
    expect((await greedy.expect(INIT.stdinCredit)).payload.readUInt32BE()).toBe(262_144);
    // The first 65,536 bytes go into the pipe, and credit comes back for them.
    for (let portion = 0; portion < 5; portion++) await greedy.send(stdin(Buffer.alloc(65_536)));
    await greedy.send(stdin('x'));
    await refuses(greedy);
  });

  it.each([
    ['FILE', 'run', file('a')],
    ['a run after a run', 'run', exec(['true'])],
    ['a compile after a run', 'run', exec(['true'], { kind: 'compile' })],
    ['a second compile', 'compile', exec(['true'], { kind: 'compile' })],
    ['FILE after a compile', 'compile', file('a')],
    ['COLLECT with too many patterns', 'run', collect(Array.from({ length: 257 }, () => 'x'))],
    ['a COLLECT that is cut short', 'run', frame(WORKER.collect, u32(1))],
    ['an empty COLLECT', 'run', frame(WORKER.collect)],
    ['COLLECT twice at once', 'run', Buffer.concat([collect(['*']), collect(['*'])])],
  ] as const)('refuses, after a command has ended, %s', async (_case, kind, bytes) => {
    await using sandbox = await readySandbox(init);
    await sandbox.run(['true'], { kind });
    await sandbox.send(bytes);
    await refuses(sandbox);
  });

  it('forgives KILL at any time, and late STDIN', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(kill(), fileBegin('a', 1), kill(), frame(WORKER.fileData, Buffer.from('a')), kill());
    const ran = await sandbox.run(['cat', 'a']);
    expect(ran).toMatchObject({ stdout: 'a', exit: { code: 0 } });
    await sandbox.send(kill(), stdin('late'), stdinEnd());
    expect((await sandbox.collect(['a'])).files).toEqual({ a: Buffer.from('a') });
  });

  it('ignores whatever follows its ERROR', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(frame(0x09), exec(['true']), kill(), Buffer.alloc(100_000, 0xff));
    await refuses(sandbox);
  });
});
