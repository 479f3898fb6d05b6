import { FumehoodError } from './fumehood-error.js';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Longest until the response's headers are there, and until each next part of its body is. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A response whose body may still be under way. Read it to its end, or close it. */
export interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  /** Chunks of the body. Rejects with FumehoodError `network` or `timeout`, or with the reason of the caller's abort. */
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sends one request. Rejects with FumehoodError `network` or `timeout`, or with the reason of the caller's abort. */
export async function exchange(fetch: Fetch, request: HttpRequest): Promise<Exchange> {
  const { url, method, headers, body, timeoutMs, signal } = request;
  signal?.throwIfAborted();
  const control = new AbortController();
  const abort = () => control.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      control.abort(new FumehoodError('timeout', `The server sent nothing for ${timeoutMs} ms.`));
    }, timeoutMs);
  };
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  };
  const failure = (cause: unknown) => {
    release();
    if (control.signal.aborted) return control.signal.reason;
    return new FumehoodError('network', `The request to ${new URL(url).host} failed: ${reasonOf(cause)}.`, {
      cause,
    });
  };

  restartTimer();
  // A redirect would send code, and possibly the key, somewhere that the caller did not name.
  const init: RequestInit = {
    method,
    headers,
    signal: control.signal,
    redirect: 'error',
    credentials: 'omit',
  };
  const response = await fetch(url, body === undefined ? init : { ...init, body }).catch((cause: unknown) => {
    throw failure(cause);
  });

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    try {
      for (;;) {
        restartTimer();
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        // The consumer may take its time; only the server's is limited.
        clearTimeout(timer);
        if (done || value === undefined) return;
        yield value;
      }
    } catch (cause) {
      throw failure(cause);
    } finally {
      release();
      await reader?.cancel().catch(() => undefined);
    }
  }

  return {
    status: response.status,
    headers: response.headers,
    body: chunks(),
    close() {
      release();
      control.abort(new FumehoodError('network', 'The response was closed.'));
    },
  };
}

/** undici hides what happened in the cause of its "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
