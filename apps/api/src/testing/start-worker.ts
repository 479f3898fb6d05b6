import { connectQueue, type Delivery } from '@fumehood/queue';
import type { Result } from '@fumehood/schema';
import type { TestApi } from './start-api.js';

/** A consumer of the queue that ends jobs in place of a worker: everything but the sandbox is real. */
export async function startWorker(
  api: TestApi,
  handle: (delivery: Delivery) => Promise<void> = succeed,
): Promise<AsyncDisposable> {
  const queue = await connectQueue({
    redisUrl: api.redis.url,
    signingKeys: api.signingKeys,
    patience: 'wait',
  });
  const stop = new AbortController();
  const nothing = { async [Symbol.asyncDispose]() {} };
  const consuming = queue.consume(
    {
      workerId: 'test-worker',
      admission: { room: async () => {}, reserve: async () => nothing },
      onRejected: (rejection) => {
        throw new Error(`a job was rejected: ${rejection.reason}`);
      },
      signal: stop.signal,
    },
    handle,
  );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await consuming;
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** Prints a line, leaves an artifact, and exits with 0. */
export async function succeed(delivery: Delivery): Promise<void> {
  const { job } = delivery;
  await delivery.begin();
  await delivery.output('stdout', Buffer.from(`hello from ${job.id}\n`));
  await delivery.flush();
  const artifact = await delivery.storeArtifact('out/plot.png', bytesOf('PNG of ', job.id));
  await delivery.end(resultOf(delivery, [{ path: 'out/plot.png', ...artifact }]));
}

export async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

export function resultOf({ job, attempt, claimedAt }: Delivery, artifacts: Result['artifacts'] = []): Result {
  const nothing = { encoding: 'utf8' as const, head: '', tail: '', totalBytes: 0, omittedBytes: 0 };
  return {
    jobId: job.id,
    tenant: job.tenant,
    runtime: job.request.runtime,
    attempt,
    outcome: { type: 'exited', exitCode: 0 },
    hint: 'The program ended by itself.',
    stdout: nothing,
    stderr: nothing,
    artifacts,
    skippedArtifacts: [],
    timings: {
      submittedAt: job.submittedAt,
      claimedAt,
      acquiredAt: null,
      startedAt: null,
      firstOutputAt: null,
      finishedAt: new Date().toISOString(),
      phasesMs: { queue: 0, acquire: null, files: null, run: null, collect: null },
    },
    evidence: null,
  };
}
