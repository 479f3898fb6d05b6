/** How long something may take, and who may call it off. */
export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What it rejects with when the time is up. */
  readonly onTimeout: () => Error;
}

/**
 * Runs work that may hang: settles as it does, or rejects when the time is up, or with `signal.reason`. The work gets a signal that aborts in
 * both cases, and is left to itself then: what it brings late is given to `discard`.
 */
export async function bounded<T>(
  work: (signal: AbortSignal) => Promise<T>,
  bounds: Bounds,
  discard: (late: T) => void = () => undefined,
): Promise<T> {
  bounds.signal?.throwIfAborted();
  const cut = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    let settled = false;
    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      bounds.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const giveUp = (reason: unknown) =>
      settle(() => {
        cut.abort();
        reject(reason);
      });
    const onAbort = () => giveUp(bounds.signal?.reason);
    const timer = setTimeout(() => giveUp(bounds.onTimeout()), bounds.timeoutMs);
    bounds.signal?.addEventListener('abort', onAbort, { once: true });
    work(cut.signal).then(
      (value) => {
        if (settled) discard(value);
        settle(() => resolve(value));
      },
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
