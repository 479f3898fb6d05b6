/** What we failed to do, as a closed set. `retry` says whether the same call may succeed later, unchanged. */
export const QUEUE_ERRORS = {
  unavailable: { retry: true, meaning: 'Redis did not answer, or refuses writes for now' },
  refused: { retry: false, meaning: 'Redis refused a command' },
  misconfigured: { retry: false, meaning: 'The queue was given something that cannot work' },
  tenant_full: { retry: true, meaning: 'The tenant has as many queued jobs as it may have' },
  idempotency_conflict: { retry: false, meaning: 'The idempotency key was used with another request' },
  too_large: { retry: false, meaning: 'The request is larger than the queue carries' },
  job_unknown: { retry: false, meaning: 'The tenant has no such job' },
  cursor_invalid: { retry: false, meaning: 'The cursor or event id is not one that was given out' },
  fenced: { retry: false, meaning: 'The attempt no longer decides about the job' },
  corrupt: { retry: false, meaning: 'What Redis holds is not what was written there' },
} as const;

export type QueueErrorCode = keyof typeof QUEUE_ERRORS;

export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

export const isUnavailable = (error: unknown): boolean =>
  error instanceof QueueError && error.code === 'unavailable';

/** Answers of a Redis that is there but does not serve: loading, out of memory, a replica, failing over, failing to persist. */
const NOT_SERVING =
  /^(?:LOADING|OOM|READONLY|MASTERDOWN|NOREPLICAS|MISCONF|CLUSTERDOWN|TRYAGAIN|BUSY|EXECABORT)\b/;

/** The error to throw for anything that came out of the Redis client: its own errors become QueueErrors, others stay what they are. */
export function asQueueError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof QueueError) return error;
  if (error.name !== 'ReplyError') {
    return isConnectionFault(error)
      ? new QueueError('unavailable', `Redis cannot be reached: ${error.message}`, { cause: error })
      : error;
  }
  return NOT_SERVING.test(error.message)
    ? new QueueError('unavailable', `Redis does not serve: ${error.message}`, { cause: error })
    : new QueueError('refused', `Redis refused a command: ${error.message}`, { cause: error });
}

const CONNECTION_FAULT =
  /Connection is closed|isn't writeable|Command timed out|aborted due to connection close|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|Socket closed/;

function isConnectionFault(error: Error): boolean {
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    error.name === 'AbortError' ||
    CONNECTION_FAULT.test(error.message)
  );
}
