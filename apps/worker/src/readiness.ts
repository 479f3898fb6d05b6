import type { Runtimes } from '@fumehood/policy';
import type { JobQueue } from '@fumehood/queue';
import type { ReadyCheck } from '@fumehood/telemetry';
import type { Presence } from './presence.js';

/** What has to be so for this worker to take jobs. */
export async function readiness(
  queue: Pick<JobQueue, 'health'>,
  presence: Presence,
  runtimes: Runtimes,
): Promise<readonly ReadyCheck[]> {
  const findings = await queue.health();
  return [
    { check: 'state', ok: presence.state === 'ready', detail: presence.state },
    {
      check: 'runtimes',
      ok: runtimes.size > 0,
      detail:
        runtimes.size > 0
          ? [...runtimes.keys()].join(', ')
          : 'no image; build them with: fumehood image build',
    },
    ...findings
      .filter(({ severity }) => severity === 'error')
      .map(({ check, ok, detail }) => ({ check: `redis_${check}`, ok, detail })),
  ];
}
