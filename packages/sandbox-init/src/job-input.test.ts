import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { exec, type Frame, INIT, stdin, stdinEnd } from './testing/frame-codec.js';
import { BUILDS, buildPrograms } from './testing/programs.js';
import { readySandbox, type TestSandbox } from './testing/sandbox.js';

beforeAll(buildPrograms);

/** Bytes that differ from place to place, so that a lost or doubled portion shows. */
const pattern = (length: number) => {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
};

/** Sends within the credit and gathers stdout, as a worker does. */
async function feed(sandbox: TestSandbox, input: Buffer, portion: number) {
  const output: Buffer[] = [];
  let credit = 0;
  let sent = 0;
  let largestCredit = 0;
  for (;;) {
    const frame: Frame | undefined = await sandbox.next();
    if (frame?.type === INIT.stdout) output.push(frame.payload);
    if (frame?.type === INIT.exit) return { output: Buffer.concat(output), largestCredit };
    if (frame?.type === INIT.stdinCredit) credit += frame.payload.readUInt32BE();
    largestCredit = Math.max(largestCredit, credit);
    while (credit > 0 && sent < input.length) {
      const length = Math.min(credit, portion, input.length - sent);
      void sandbox.send(stdin(input.subarray(sent, sent + length)));
      credit -= length;
      sent += length;
      if (sent === input.length) void sandbox.send(stdinEnd());
    }
  }
}

describe.each(BUILDS)('the stdin of a command in %s', (_name, init) => {
  it.each([
    ['as fast as it can', ['cat'], 65_536],
    ['in odd portions', ['cat'], 7_919],
    ['by a command that reads slowly', ['sh', '-c', 'sleep 0.2; dd bs=1000 2>/dev/null'], 65_536],
  ])('arrives whole and in order, %s', async (_case, argv, portion) => {
    await using sandbox = await readySandbox(init);
    const input = pattern(6_000_000);
    await sandbox.send(exec(argv));
    const { output, largestCredit } = await feed(sandbox, input, portion);
    expect(output.equals(input)).toBe(true);
    expect(largestCredit).toBeLessThanOrEqual(262_144);
  });

  it('is empty when it is ended at once', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['wc', '-c']), stdinEnd());
    expect((await sandbox.exit()).stdout).toBe('0\n');
  });

  it('gives no credit for what the command does not read', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['sh', '-c', 'sleep 0.3']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    for (let sent = 0; sent < 262_144; sent += 65_536) await sandbox.send(stdin(Buffer.alloc(65_536)));
    // 64 KiB fit into the pipe, and are read for all that init can tell.
    expect((await sandbox.expect(INIT.stdinCredit)).payload.readUInt32BE()).toBe(65_536);
    await sandbox.expect(INIT.exit);
  });

  it('can be closed by the command: the rest is dropped, and nothing waits or spins', async () => {
    await using sandbox = await readySandbox(init);
    await sandbox.send(exec(['/programs/hostile', 'close-input']));
    await sandbox.expect(INIT.started);
    await sandbox.expect(INIT.stdinCredit);
    await sandbox.expect(INIT.stdout);
    await sandbox.send(stdin(Buffer.alloc(65_536)), stdin(Buffer.alloc(65_536)), stdinEnd());
    const before = await cpuTicks(sandbox);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await cpuTicks(sandbox)) - before).toBeLessThanOrEqual(5);
  });
});

async function cpuTicks(sandbox: TestSandbox): Promise<number> {
  const fields = (await readFile(`/proc/${await sandbox.pid()}/stat`, 'utf8')).split(' ');
  return Number(fields[13]) + Number(fields[14]);
}
