/** Where large things are kept. Redis today; anything with these three operations tomorrow. */
export interface BlobStore {
  /** Stores the content under a key, replacing what was there. It is gone by itself after `ttlMs`. */
  put(
    key: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    ttlMs: number,
  ): Promise<StoredBlob>;
  /** The content, piece by piece as it is asked for. Throws QueueError `corrupt` when it is not, or no longer, there in full. */
  get(key: string, bytes: number): AsyncIterable<Uint8Array>;
  delete(keys: readonly string[]): Promise<void>;
}

export interface StoredBlob {
  readonly bytes: number;
  /** `sha256:` and hexadecimal digits. */
  readonly digest: string;
}
