import type { JobEvent } from '@fumehood/schema';

export interface IdentifiedEvent {
  readonly id: string;
  readonly event: JobEvent;
}

export interface EventStreamOptions {
  readonly heartbeatMs: number;
  /** The stream broke on our side; the client is told to come back. */
  onFailed(error: unknown): void;
  /** The source's own: when it aborts, the source ends or throws the reason, and neither is a failure. */
  readonly signal: AbortSignal;
}

const RETRY_MS = 1000;
const RETRY_AFTER_FAILURE_MS = 5000;

/** One event as it goes over the wire. JSON has no line breaks, so that one `data` line is always enough. */
const frame = ({ id, event }: IdentifiedEvent) =>
  `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/**
 * A job's events as a text/event-stream. Pulls the next event only when the one before it was taken, so that a slow
 * reader holds one event and not the job's output.
 */
export async function* eventStream(
  events: AsyncIterable<IdentifiedEvent>,
  options: EventStreamOptions,
): AsyncGenerator<string> {
  const { heartbeatMs, onFailed, signal } = options;
  const source = events[Symbol.asyncIterator]();
  yield `retry: ${RETRY_MS}\n\n`;
  try {
    for (;;) {
      let ended: boolean | undefined;
      for await (const arrival of withHeartbeats(source.next(), heartbeatMs)) {
        if (arrival === 'heartbeat') yield ': heartbeat\n\n';
        else if (arrival.done) ended = true;
        else yield frame(arrival.value);
      }
      if (ended) break;
    }
  } catch (error) {
    if (signal.aborted) {
      // The client has gone, and reads nothing more; or the server drains, and the client may come back at once.
      yield `: this server is about to end\nretry: ${RETRY_MS}\n\n`;
      return;
    }
    onFailed(error);
    yield `: unavailable\nretry: ${RETRY_AFTER_FAILURE_MS}\n\n`;
  } finally {
    await source.return?.();
  }
}

/** Yields `heartbeat` in every interval that the promise takes, then what it came to. */
async function* withHeartbeats<T>(promise: Promise<T>, intervalMs: number): AsyncGenerator<T | 'heartbeat'> {
  let settled = false;
  let wake = () => {};
  const settle = () => {
    settled = true;
    wake();
  };
  promise.then(settle, settle);
  while (!settled) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (!settled) yield 'heartbeat';
  }
  yield await promise;
}
