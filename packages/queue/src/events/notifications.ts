import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { asQueueError, QueueError } from '../queue-error.js';

const SUBSCRIBE_TIMEOUT_MS = 3_000;

/** One subscriber connection for the whole process, however many listeners there are. */
export interface Notifications {
  /** Hears a channel from the moment that the promise resolves; while Redis is away, from the reconnect on. */
  listen(channel: string, listener: Listener): Promise<Disposable>;
  /** Like listen, for who only needs to know that there is something to read. */
  watch(channel: string): Promise<Watch>;
}

interface Listener {
  message(payload: string): void;
  /** The connection is back: messages may have been missed. */
  gap(): void;
}

export interface Watch extends Disposable {
  /** Resolves when something was said since the last `next` resolved. Rejects with `signal.reason`. */
  next(signal: AbortSignal): Promise<void>;
}

/** @param subscriber used for nothing else; closing it is its owner's task */
export function createNotifications(subscriber: Redis, onFault: (error: unknown) => void): Notifications {
  const channels = new Map<string, Set<Listener>>();

  subscriber.on('message', (channel: string, payload: string) => {
    for (const listener of channels.get(channel) ?? []) listener.message(payload);
  });
  subscriber.on('ready', async () => {
    try {
      if (channels.size > 0) await subscriber.subscribe(...channels.keys());
      for (const listeners of channels.values()) for (const listener of listeners) listener.gap();
    } catch (error) {
      onFault(asQueueError(error));
    }
  });

  /** Those who wait for a subscription that a lost connection will not confirm; the reconnect subscribes again. */
  const subscribing = new Set<() => void>();
  subscriber.on('close', () => {
    for (const giveUp of subscribing) giveUp();
  });

  const subscribe = async (channel: string): Promise<void> => {
    let giveUp = () => {};
    const lost = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const settled = new AbortController();
    const tooLate = delay(SUBSCRIBE_TIMEOUT_MS, undefined, { signal: settled.signal }).then(() => {
      throw new QueueError('unavailable', `Redis did not answer within ${SUBSCRIBE_TIMEOUT_MS} ms`);
    });
    tooLate.catch(() => undefined);
    const confirmed = subscriber.subscribe(channel);
    confirmed.catch(() => undefined);
    subscribing.add(giveUp);
    try {
      await Promise.race([confirmed, lost, tooLate]);
    } finally {
      subscribing.delete(giveUp);
      settled.abort();
    }
  };

  const remove = (channel: string, listener: Listener) => {
    const listeners = channels.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    channels.delete(channel);
    if (subscriber.status === 'ready') subscriber.unsubscribe(channel).catch(() => undefined);
  };

  const listen = async (channel: string, listener: Listener): Promise<Disposable> => {
    const listeners = channels.get(channel) ?? new Set();
    channels.set(channel, listeners.add(listener));
    try {
      if (subscriber.status === 'ready') await subscribe(channel);
    } catch (error) {
      remove(channel, listener);
      throw asQueueError(error);
    }
    return { [Symbol.dispose]: () => remove(channel, listener) };
  };

  return {
    listen,
    async watch(channel) {
      const latch = createLatch();
      const listening = await listen(channel, { message: latch.open, gap: latch.open });
      return { next: latch.pass, [Symbol.dispose]: () => listening[Symbol.dispose]() };
    },
  };
}

/** Opens when told to, lets one passer through, and is closed again. */
function createLatch() {
  let isOpen = false;
  let wake = () => {};
  return {
    open: () => {
      isOpen = true;
      wake();
    },
    async pass(signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      if (!isOpen) {
        await new Promise<void>((resolve, reject) => {
          const onAbort = () => reject(signal.reason);
          signal.addEventListener('abort', onAbort, { once: true });
          wake = () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          };
        });
      }
      isOpen = false;
    },
  };
}
