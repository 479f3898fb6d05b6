import { isUnavailable } from '@fumehood/queue';
import type { CliConfig } from '../config.js';
import { openLocalQueue } from '../local-queue.js';
import { bad, type Finding, good, weak } from './finding.js';

/** The local fleet's Redis. One that does not run is no fault: `fumehood up` starts it. */
export async function redisFindings(config: CliConfig): Promise<readonly Finding[]> {
  try {
    await using local = await openLocalQueue(config);
    if (local === undefined) return [good('Redis', 'no fleet runs here; `fumehood up` starts a private one')];
    const findings = await local.queue.health();
    return findings.map(({ check, ok, severity, detail, fix }) => {
      const what = `Redis ${check.replace('_', ' ')}`;
      return ok
        ? good(what, detail)
        : severity === 'error'
          ? bad(what, detail, fix)
          : weak(what, detail, fix);
    });
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return [
      bad(
        'Redis',
        `it does not answer: ${(error as Error).message}`,
        'End what is left of the fleet, and run `fumehood up`.',
      ),
    ];
  }
}
