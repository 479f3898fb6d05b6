import type { ChainableCommander } from 'ioredis';
import { asQueueError, QueueError } from './queue-error.js';

/** The answers of a pipeline, in order; throws the first failure. One round trip. */
export async function execPipeline(pipeline: ChainableCommander): Promise<readonly unknown[]> {
  try {
    const answers = await pipeline.exec();
    if (answers === null) throw new QueueError('unavailable', 'Redis dropped a pipeline');
    return answers.map(([error, answer]) => {
      if (error !== null) throw error;
      return answer;
    });
  } catch (error) {
    throw asQueueError(error);
  }
}
