import { EventEmitter, once } from 'node:events';
import type { Admission } from '../consumer/admission.js';

/** Admission that counts: so many jobs at once, of whatever size. */
export function slots(count: number): Admission & { readonly taken: number } {
  const freed = new EventEmitter().setMaxListeners(0);
  let taken = 0;
  const free = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    while (taken >= count) await once(freed, 'freed', { signal }).catch(() => signal.throwIfAborted());
  };
  return {
    get taken() {
      return taken;
    },
    room: free,
    async reserve(_job, signal) {
      await free(signal);
      taken++;
      return {
        async [Symbol.asyncDispose]() {
          taken--;
          freed.emit('freed');
        },
      };
    },
  };
}
