import type { Client } from '@fumehood/client';
import type { Burst } from './demo-plan.js';
import { textOf } from './judge.js';
import type { TimedResult } from './phase-times.js';

/** Runs many small equal jobs, several at once. */
export async function runBurst(
  burst: Burst,
  client: Client,
  signal: AbortSignal,
): Promise<{
  readonly finished: readonly TimedResult[];
  readonly wrong: number;
  readonly elapsedMs: number;
}> {
  const finished: TimedResult[] = [];
  let left = burst.jobs;
  const began = performance.now();
  const next = async () => {
    while (left > 0) {
      left -= 1;
      const submitted = performance.now();
      const result = await client.run(
        { runtime: burst.runtime, code: burst.code, labels: { demo: 'burst' } },
        { signal },
      );
      finished.push({ result, totalMs: performance.now() - submitted });
    }
  };
  await Promise.all(Array.from({ length: burst.atOnce }, next));
  const right = finished.filter(
    ({ result }) =>
      result.outcome.type === 'exited' &&
      result.outcome.exitCode === 0 &&
      textOf(result.stdout) === burst.stdout,
  );
  return { finished, wrong: burst.jobs - right.length, elapsedMs: performance.now() - began };
}
