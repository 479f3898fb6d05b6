import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { BlobStore } from './blobs/blob-store.js';
import type { SigningKeys } from './envelope/signing-keys.js';
import type { Notifications } from './events/notifications.js';
import type { Keys } from './keys.js';
import type { RunScript } from './script.js';
import type { QueueTuning } from './tuning.js';

/** What the queue's parts work with; made once by connectQueue. */
export interface QueueContext {
  readonly redis: Redis;
  readonly run: RunScript;
  readonly keys: Keys;
  readonly bull: Queue;
  readonly blobs: BlobStore;
  readonly notifications: Notifications;
  readonly signingKeys: SigningKeys;
  readonly tuning: QueueTuning;
  readonly newJobId: () => string;
  /** Told of failures that no call reports: of the connection, and of work in the background. */
  readonly onFault: (error: unknown) => void;
}
