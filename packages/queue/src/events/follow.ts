import { setTimeout as delay } from 'node:timers/promises';
import { isUnavailable } from '../queue-error.js';
import type { Watch } from './notifications.js';

const RETRY_MS = 500;

/**
 * Reads again and again: at once, then whenever the watch says so, until `read` answers with something else than undefined. The first
 * failure of Redis is thrown; one that comes while following is waited out, since the reader can only wait as well.
 */
export async function follow<T>(
  watch: Watch,
  signal: AbortSignal,
  read: () => Promise<T | undefined>,
): Promise<T> {
  for (let first = true; ; first = false) {
    try {
      const found = await read();
      if (found !== undefined) return found;
    } catch (error) {
      if (first || !isUnavailable(error)) throw error;
      await delay(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      continue;
    }
    await watch.next(signal);
  }
}
