import type { Result } from '@fumehood/schema';
import type { StoredBlob } from '../blobs/blob-store.js';
import type { VerifiedJob } from '../envelope/verify-envelope.js';
import type { OutputStream } from '../events/output-buffer.js';

/** One attempt at a job, in the hands of a worker. */
export interface Delivery {
  /** Verified and parsed; nothing of it was believed because Redis said so. */
  readonly job: VerifiedJob;
  /** The fencing token: later attempts have higher numbers. */
  readonly attempt: number;
  readonly claimedAt: string;
  /** From submission to claim, on Redis's clock. */
  readonly queuedMs: number;
  /** Aborts with a JobAbort. */
  readonly signal: AbortSignal;
  /** assigned → running: call it when the command is about to start. Throws QueueError `fenced` when it must not. */
  begin(): Promise<void>;
  /** Live output for whoever follows the job. Await what it returns: that is the back-pressure. Never fails. */
  output(stream: OutputStream, chunk: Uint8Array): void | Promise<void>;
  /** Resolves when all live output is in Redis. */
  flush(): Promise<void>;
  /** Keeps an artifact for the job's retention. Throws QueueError `fenced`. */
  storeArtifact(path: string, content: AsyncIterable<Uint8Array>): Promise<StoredBlob>;
  /**
   * Gives the job its result. `refused`: another attempt decides, or has decided. While Redis is away it keeps trying, up to
   * the tuning's `endTimeoutMs`; then it throws QueueError `unavailable`.
   */
  end(result: Result): Promise<'accepted' | 'refused'>;
  /** Before `begin`: hands the job back for another attempt; after too many failures it ends as lost. Throws QueueError `fenced`. */
  retry(): Promise<void>;
}
