import type { Job, JobEvent, JobRequestInput, Result } from '@fumehood/schema';
import type { Client } from './client.js';
import { FumehoodError } from './fumehood-error.js';
import type { RunOptions } from './run-options.js';

/** Longest that an abort waits to learn the id of a job just submitted, and for the cancel to arrive. */
const ABORT_GRACE_MS = 5_000;

/** Submits a job, hands its output on as it comes, and resolves with its result. Whatever ends this early cancels the job. */
export async function runJob(client: Client, request: JobRequestInput, options: RunOptions): Promise<Result> {
  const { signal, idempotencyKey } = options;
  signal?.throwIfAborted();
  const job = await submitUninterrupted(client, request, idempotencyKey, signal);
  try {
    signal?.throwIfAborted();
    return await followToResult(client, job, options);
  } catch (error) {
    await cancelQuietly(client, job.id);
    throw error;
  }
}

/**
 * An abort must not lose the id of a job that the server has already taken, or nobody could cancel it: the submission gets a
 * little longer to be answered.
 */
async function submitUninterrupted(
  client: Client,
  request: JobRequestInput,
  idempotencyKey: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Job> {
  const grace = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => {
    timer = setTimeout(() => grace.abort(signal?.reason), ABORT_GRACE_MS);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await client.submit(request, { signal: grace.signal, idempotencyKey });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function followToResult(client: Client, job: Job, options: RunOptions): Promise<Result> {
  const { signal, onStdout, onStderr, onEvent } = options;
  const receivers = { stdout: outputReceiver(onStdout), stderr: outputReceiver(onStderr) };
  for await (const { event } of client.events(job.id, { signal })) {
    await onEvent?.(event);
    if (event.type === 'stdout' || event.type === 'stderr') await receivers[event.type](event);
    if (event.type === 'result') return event.result;
  }
  const { result } = await client.get(job.id, { signal });
  if (result === null)
    throw new FumehoodError('no_result', `The events of ${job.id} have ended, and it has no result.`);
  return result;
}

function outputReceiver(receive: RunOptions['onStdout']) {
  let expected = 0;
  return async (event: Extract<JobEvent, { type: 'stdout' | 'stderr' }>): Promise<void> => {
    const { offset, bytes } = event;
    const droppedBytes = Math.max(0, offset - expected);
    expected = offset + bytes;
    await receive?.(decodeOutput(event), { offset, droppedBytes });
  };
}

/** The bytes of an output event. */
function decodeOutput({
  encoding,
  data,
}: {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}): Uint8Array {
  switch (encoding) {
    case 'utf8':
      return new TextEncoder().encode(data);
    case 'base64':
      return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    default:
      return encoding satisfies never;
  }
}

/** The caller's error is the one to tell; a job that is not canceled ends at its own limits. */
async function cancelQuietly(client: Client, jobId: string): Promise<void> {
  await client.cancel(jobId, { signal: AbortSignal.timeout(ABORT_GRACE_MS) }).catch(() => undefined);
}
