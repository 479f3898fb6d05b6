import type { JobEvent } from '@fumehood/schema';

/** Where a chunk of output stands in its stream. */
export interface OutputPlace {
  /** Position of the chunk's first byte. */
  readonly offset: number;
  /** Bytes before it that the live stream had to leave out; the result and its artifacts have them. */
  readonly droppedBytes: number;
}

export interface RunOptions {
  /** Awaited: a slow receiver slows the stream down, not the job. */
  readonly onStdout?: ((chunk: Uint8Array, place: OutputPlace) => void | Promise<void>) | undefined;
  readonly onStderr?: ((chunk: Uint8Array, place: OutputPlace) => void | Promise<void>) | undefined;
  readonly onEvent?: ((event: JobEvent) => void | Promise<void>) | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Aborting cancels the job, then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
