import { describe, expect, it } from 'vitest';
import { EXITED, runScripted, STARTED, stdout } from '../testing/run-scripted.js';

const failure = new Error('Redis is gone');

describe('a receiver that fails', () => {
  it('to record the start keeps the command from starting', async () => {
    const run = runScripted({ beforeStart: () => Promise.reject(failure) }, async (init, container) => {
      expect(await init.hearUntil('exec')).toBeUndefined();
      expect(container.destroyed).toBe(true);
    });
    await expect(run).rejects.toBe(failure);
  });

  it.each([
    [
      'at once',
      () => {
        throw failure;
      },
    ],
    ['in time', () => Promise.reject(failure)],
  ])('to take output %s has the job killed', async (_, onOutput) => {
    const run = runScripted({ onOutput }, async (init, container) => {
      await init.hearUntil('exec');
      await init.say(STARTED, stdout('x'));
      await init.hearUntil('collect');
      expect(container.destroyed).toBe(true);
    });
    await expect(run).rejects.toBe(failure);
  });

  it('fails the run even when the job was over its time already', async () => {
    const run = runScripted(
      { limits: { wallTimeMs: 60 }, onOutput: () => Promise.reject(failure) },
      async (init) => {
        await init.hearUntil('kill');
        await init.say(STARTED, stdout('last words'), EXITED);
      },
    );
    await expect(run).rejects.toBe(failure);
  });

  it('after the sandbox was destroyed changes nothing any more', async () => {
    let fail: (error: Error) => void = () => undefined;
    const ran = await runScripted(
      { limits: { wallTimeMs: 60 }, onOutput: () => new Promise((_, reject) => (fail = reject)) },
      async (init) => {
        await init.hearUntil('exec');
        await init.say(STARTED, stdout('x'));
      },
    );
    fail(failure);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
  });
});
