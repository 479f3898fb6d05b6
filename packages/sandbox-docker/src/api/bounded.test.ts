import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bounded } from './bounded.js';

const late = () => new Error('late');
const never = () => new Promise<never>(() => undefined);

describe('bounded work', () => {
  it('settles as the work does', async () => {
    await expect(bounded(async () => 7, { timeoutMs: 1_000, onTimeout: late })).resolves.toBe(7);
    const fails = bounded(() => Promise.reject(new Error('no')), { timeoutMs: 1_000, onTimeout: late });
    await expect(fails).rejects.toThrow('no');
  });

  it('is given up on when its time is up, and is told', async () => {
    let told: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      told = signal;
      return never();
    };
    await expect(bounded(work, { timeoutMs: 5, onTimeout: late })).rejects.toThrow('late');
    expect(told?.aborted).toBe(true);
  });

  it('rejects with the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('called off');
    const work = bounded(never, { timeoutMs: 60_000, signal: controller.signal, onTimeout: late });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
  });

  it('does not begin when the signal was aborted before', async () => {
    let began = false;
    const work = async () => {
      began = true;
    };
    const signal = AbortSignal.abort(new Error('early'));
    await expect(bounded(work, { timeoutMs: 1_000, signal, onTimeout: late })).rejects.toThrow('early');
    expect(began).toBe(false);
  });

  it('hands what comes too late to whoever disposes of it', async () => {
    let finish: (value: string) => void = () => undefined;
    const work = () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      });
    const discarded: string[] = [];
    await expect(
      bounded(work, { timeoutMs: 5, onTimeout: late }, (value) => discarded.push(value)),
    ).rejects.toThrow('late');
    finish('a socket');
    await Promise.resolve();
    await Promise.resolve();
    expect(discarded).toEqual(['a socket']);
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await bounded(async () => 1, { timeoutMs: 1_000, signal, onTimeout: late });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
