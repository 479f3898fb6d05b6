import { setTimeout as delay } from 'node:timers/promises';

/** Does `work` again and again, `periodMs` after it last ended, until aborted. What it throws goes to `onError`; the next round comes all the same. */
export async function every(
  periodMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch(onError);
    await delay(periodMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
