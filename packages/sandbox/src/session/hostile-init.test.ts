import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeFrame } from '../protocol/frame.js';
import { encodeInitMessage } from '../protocol/init-message.js';
import type { Job } from '../testing/bench.js';
import { EXITED, runScripted, STARTED, stdout } from '../testing/run-scripted.js';
import type { ScriptedInit } from '../testing/scripted-container.js';

/** What a hostile init can be in the middle of: each brings the conversation there and stops. */
const MOMENTS: Readonly<
  Record<string, { began: boolean; job: Job; reach(init: ScriptedInit): Promise<unknown> }>
> = {
  'while files are sent': {
    began: false,
    job: { files: { big: Buffer.alloc(1_000_000) } },
    reach: (init) => init.hearUntil('file_data'),
  },
  'while the start is recorded': {
    began: false,
    job: { beforeStart: () => new Promise((resolve) => setTimeout(resolve, 40)) },
    reach: async () => undefined,
  },
  'before the command started': { began: true, job: {}, reach: (init) => init.hearUntil('exec') },
  'while the command runs': {
    began: true,
    job: {},
    async reach(init) {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('some output'));
    },
  },
  'between compilation and run': {
    began: true,
    job: { compile: ['cc'] },
    async reach(init) {
      await init.hearUntil('exec');
      await init.say({ type: 'started', kind: 'compile' });
      await init.say({ type: 'exit', kind: 'compile', exit: { code: 0, signal: null } });
      await init.hearUntil('exec');
    },
  },
  'when artifacts are due': {
    began: true,
    job: { artifacts: ['*'] },
    async reach(init) {
      await init.hearUntil('exec');
      await init.say(STARTED, EXITED);
      await init.hearUntil('collect');
    },
  },
  'in the middle of an artifact': {
    began: true,
    job: { artifacts: ['*'] },
    async reach(init) {
      await init.hearUntil('exec');
      await init.say(STARTED, EXITED);
      await init.hearUntil('collect');
      await init.say({ type: 'artifact', path: 'a', bytes: 100 });
      await init.say({ type: 'artifact_data', bytes: Buffer.alloc(40) });
    },
  },
};

/** Frames that are legal at no moment above. */
const ATTACKS: Readonly<Record<string, (init: ScriptedInit) => Promise<void>>> = {
  'random bytes': (init) => init.sayBytes(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
  'a frame of 4 GiB': (init) => init.sayBytes(Buffer.from('8400 0000 ffff ffff'.replaceAll(' ', ''), 'hex')),
  'a frame of a type that does not exist': (init) => init.sayBytes(encodeFrame(0x42)),
  'a frame that only the worker may send': (init) => init.sayBytes(encodeFrame(0x07)),
  'a frame with flags': (init) => init.sayBytes(encodeFrame(0x84, Buffer.from('x'), 1)),
  'a second HELLO': (init) => init.say({ type: 'hello', version: 1 }),
  'a second READY': (init) => init.say({ type: 'ready' }),
  'an EXIT of the wrong command': (init) =>
    init.say({ type: 'exit', kind: 'compile', exit: { code: 0, signal: null } }),
  'an end of a collection that lies about its number': (init) =>
    init.say({ type: 'collected', collected: 9, skipped: 0 }),
  'more credit than it can have': (init) => init.say({ type: 'stdin_credit', bytes: 300_000 }),
  'an endless flood of credit': async (init) => {
    const flood = Buffer.concat(Array(5_000).fill(encodeInitMessage({ type: 'stdin_credit', bytes: 1 })));
    for (let index = 0; index < 60; index++) await init.sayBytes(flood);
  },
  'credit for nothing': (init) => init.say({ type: 'stdin_credit', bytes: 0 }),
  'an ERROR without words': (init) => init.sayBytes(encodeFrame(0x8f, new Uint8Array(6))),
};

describe.each(Object.entries(MOMENTS))('%s', (_, { began, job, reach }) => {
  it.each(Object.entries(ATTACKS))('a hostile init is destroyed for %s', async (_, attack) => {
    let destroyed = false;
    const run = runScripted(job, async (init, container) => {
      await reach(init);
      await attack(init);
      await init.hearUntil('hello');
      destroyed = container.destroyed;
    });
    await expect(run).rejects.toMatchObject({ name: 'SandboxError', code: 'protocol', began });
    expect(destroyed).toBe(true);
  });

  it('an init that dies fails the run', async () => {
    const run = runScripted(job, async (init) => {
      await reach(init);
      init.die();
    });
    await expect(run).rejects.toMatchObject({ name: 'SandboxError', code: 'stream_ended', began });
  });

  it('an init that dies within a frame fails the run', async () => {
    const run = runScripted(job, async (init) => {
      await reach(init);
      await init.sayBytes(encodeInitMessage({ type: 'error', fault: 'file', message: 'no' }).subarray(0, 9));
      init.die();
    });
    await expect(run).rejects.toMatchObject({ name: 'SandboxError', code: 'stream_ended', began });
  });

  it('a kill for memory that takes init along is told from a failure of ours', async () => {
    const run = runScripted(job, async (init, container) => {
      await reach(init);
      container.setCounters({ oomKills: 1 });
      init.die();
    });
    if (began) expect((await run).outcome).toEqual({ type: 'limit_exceeded', limit: 'memory' });
    else await expect(run).rejects.toMatchObject({ code: 'files_refused', began: false });
  });
});

describe('an ERROR of init', () => {
  it.each([
    ['file', 'files_refused', 'while files are sent'],
    ['exec', 'exec_failed', 'before the command started'],
    ['resources', 'engine_failed', 'before the command started'],
  ] as const)('about %s is %s when it comes %s', async (fault, code, moment) => {
    const { job, reach } = MOMENTS[moment] ?? expect.unreachable();
    const run = runScripted(job, async (init) => {
      await reach(init);
      await init.say({ type: 'error', fault, message: 'No space left on device' });
      init.die();
    });
    await expect(run).rejects.toMatchObject({
      code,
      began: false,
      message: 'sandbox-init: No space left on device',
    });
  });

  it('is not believed once a command has begun', async () => {
    const run = runScripted({}, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, { type: 'error', fault: 'exec', message: 'try again, please' });
    });
    await expect(run).rejects.toMatchObject({ code: 'protocol', began: true });
  });

  it('brings no control characters into messages', async () => {
    const run = runScripted({}, async (init) => {
      await init.hearUntil('exec');
      await init.say({ type: 'error', fault: 'exec', message: '\u001b[2J\u202e{"level":"fatal"}\n' });
    });
    await expect(run).rejects.toMatchObject({
      message: 'sandbox-init: \ufffd[2J\ufffd{"level":"fatal"}\ufffd',
    });
  });
});

describe('a flood', () => {
  const rejections: unknown[] = [];
  const remember = (reason: unknown) => rejections.push(reason);
  beforeEach(() => void process.on('unhandledRejection', remember));
  afterEach(() => void process.off('unhandledRejection', remember));

  it('of output after the limit reaches nobody, and ends in time', async () => {
    let received = 0;
    const ran = await runScripted(
      {
        limits: { outputBytes: 10_000 },
        onOutput: (_, chunk) => {
          received += chunk.length;
        },
      },
      async (init, container) => {
        await init.hearUntil('exec');
        await init.say(STARTED);
        while (!container.destroyed) {
          await init.say(stdout('y\n'.repeat(20_000)));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    );
    expect(ran).toMatchObject({ outcome: { type: 'limit_exceeded', limit: 'output' }, exit: null });
    expect(received).toBe(10_000);
    expect(rejections).toEqual([]);
  });
});
