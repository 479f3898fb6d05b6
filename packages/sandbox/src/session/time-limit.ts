/** Settles as the work does, or rejects with what `onExpired` makes when the work takes longer than `limitMs`. */
export async function withTimeLimit<T>(
  limitMs: number,
  work: Promise<T>,
  onExpired: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(onExpired()), limitMs);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** The slowest transfer through a control stream that we wait for: generous, for throttled sandboxes. */
export const TRANSFER_BYTES_PER_MS = 4_096;
