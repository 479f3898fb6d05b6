/** Longest that a scrape waits for a source, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** Where metrics come from that are read at each scrape. */
export interface ScrapeSource<T> {
  /** Sets what is asked at a scrape. Until then, and while it fails, its metrics are absent. */
  readFrom(read: (signal: AbortSignal) => Promise<T> | T): void;
  /** The value of this scrape; metrics that ask at the same time share one read. */
  current(): Promise<T | undefined>;
}

/** A source that fails or is slow must not make the scrape fail: the other metrics are needed then more than ever. */
export function scrapeSource<T>(onFailed: () => void, timeoutMs = TIMEOUT_MS): ScrapeSource<T> {
  let source: ((signal: AbortSignal) => Promise<T> | T) | undefined;
  let underWay: Promise<T | undefined> | undefined;

  async function ask(read: (signal: AbortSignal) => Promise<T> | T): Promise<T | undefined> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the source did not answer in time')), timeoutMs);
    });
    try {
      return await Promise.race([(async () => await read(abort.signal))(), timeout]);
    } catch {
      onFailed();
      return undefined;
    } finally {
      clearTimeout(timer);
      abort.abort();
      underWay = undefined;
    }
  }

  return {
    readFrom(read) {
      source = read;
    },
    async current() {
      if (source === undefined) return undefined;
      underWay ??= ask(source);
      return await underWay;
    },
  };
}
