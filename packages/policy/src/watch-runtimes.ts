import { stat } from 'node:fs/promises';
import { setInterval } from 'node:timers/promises';
import { loadRuntimes, type Runtimes } from './load-runtimes.js';

export interface RuntimesOptions {
  readonly runtimesDir: string;
  readonly lockFile: string;
  onLoaded(runtimes: Runtimes): void;
  /** The last good ones stay in use. */
  onRefused(error: unknown): void;
  readonly signal: AbortSignal;
  readonly lookEveryMs?: number;
}

/** Loads the runtimes, and again whenever `fumehood image build` has written the lock file anew. */
export async function watchRuntimes(options: RuntimesOptions): Promise<{ readonly current: Runtimes }> {
  const { runtimesDir, lockFile, onLoaded, onRefused, signal, lookEveryMs = 2000 } = options;
  let seen = await version(lockFile);
  let current = await loadRuntimes(runtimesDir, lockFile);
  onLoaded(current);
  void (async () => {
    for await (const _ of setInterval(lookEveryMs, undefined, { signal, ref: false })) {
      const now = await version(lockFile);
      if (now === seen) continue;
      seen = now;
      try {
        current = await loadRuntimes(runtimesDir, lockFile);
        onLoaded(current);
      } catch (error) {
        onRefused(error);
      }
    }
  })().catch(() => undefined);
  return {
    get current() {
      return current;
    },
  };
}

async function version(file: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return 'absent';
  }
}
