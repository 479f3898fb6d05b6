import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXITED, runScripted, STARTED } from '../testing/run-scripted.js';

/** Time is the test's here: only timers and clocks are replaced, nothing else. */
describe('an init that stalls', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is given up while it should take files', async () => {
    const run = runScripted({ files: { a: Buffer.alloc(200_000) } }, async (init) => {
      await init.hear();
      await vi.advanceTimersByTimeAsync(10_100);
      await init.hearUntil('exec');
    });
    await expect(run).rejects.toMatchObject({ code: 'start_timeout', began: false });
  });

  it('is given up while it should send artifacts', async () => {
    const run = runScripted({ artifacts: ['*'] }, async (init) => {
      await init.hearUntil('exec');
      await init.say(STARTED, EXITED);
      await init.hearUntil('collect');
      await vi.advanceTimersByTimeAsync(10_001);
    });
    await expect(run).rejects.toMatchObject({ code: 'protocol', began: true });
  });

  it('earns no time by sending one byte now and then', async () => {
    let sent = 0;
    const run = runScripted({ artifacts: ['*'] }, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED, EXITED);
      await init.hearUntil('collect');
      await init.say({ type: 'artifact', path: 'a', bytes: 1_000 });
      for (; sent < 100 && !container.destroyed; sent++) {
        await vi.advanceTimersByTimeAsync(1_000);
        await init.say({ type: 'artifact_data', bytes: Buffer.alloc(1) });
      }
    });
    await expect(run).rejects.toMatchObject({ code: 'protocol', began: true });
    expect(sent).toBeLessThan(12);
  });

  it('is not blamed for the time that a receiver takes', async () => {
    const ran = await runScripted(
      {
        artifacts: ['*'],
        async onArtifact(_, __, content) {
          for await (const _ of content) await new Promise((resolve) => setTimeout(resolve, 9_000));
        },
      },
      async (init) => {
        await init.hearUntil('exec');
        await init.say(STARTED, EXITED);
        await init.hearUntil('collect');
        for (const path of ['a', 'b', 'c']) {
          await init.say(
            { type: 'artifact', path, bytes: 1 },
            { type: 'artifact_data', bytes: Buffer.alloc(1) },
          );
        }
        await init.say({ type: 'collected', collected: 3, skipped: 0 });
        await vi.advanceTimersByTimeAsync(30_000);
      },
    );
    expect(ran.artifacts).toHaveLength(3);
  });
});
