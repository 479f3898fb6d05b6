import { setTimeout as delay } from 'node:timers/promises';

/** Stops taking jobs, waits for those that run, and after `timeoutMs` aborts what is left. Resolves when the consumer has ended. */
export async function drain(
  consumer: Promise<void>,
  stopTaking: AbortController,
  hurry: AbortController,
  timeoutMs: number,
): Promise<void> {
  stopTaking.abort(new DOMException('draining', 'AbortError'));
  const finished = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: finished.signal }).then(
    () => hurry.abort(new DOMException('shutting down', 'AbortError')),
    () => undefined,
  );
  await consumer;
  finished.abort();
  await late;
}
