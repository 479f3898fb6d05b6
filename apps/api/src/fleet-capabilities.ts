import type { Capabilities } from '@fumehood/policy';
import type { JobQueue } from '@fumehood/queue';
import { ISOLATION_TIERS } from '@fumehood/schema';

/** Workers say what they can every few seconds; asking for each submission would tell no more. */
const FRESH_MS = 1000;

/**
 * What the living workers can do between them; `undefined` when there is none, as jobs then wait for one to come, and
 * the worker that takes a job checks again.
 */
export function fleetCapabilities(
  queue: Pick<JobQueue, 'workers'>,
  now: () => number = () => performance.now(),
) {
  let known: { readonly at: number; readonly capabilities: Promise<Capabilities | undefined> } | undefined;
  return async (): Promise<Capabilities | undefined> => {
    if (known === undefined || now() - known.at > FRESH_MS) {
      const asked = { at: now(), capabilities: capabilitiesOf(queue) };
      known = asked;
      asked.capabilities.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    return await known.capabilities;
  };
}

async function capabilitiesOf(queue: Pick<JobQueue, 'workers'>): Promise<Capabilities | undefined> {
  const workers = (await queue.workers()).filter(({ state }) => state !== 'draining');
  if (workers.length === 0) return undefined;
  return {
    isolation: ISOLATION_TIERS.filter((tier) => workers.some(({ isolation }) => isolation.includes(tier))),
    egress: workers.some(({ egress }) => egress),
  };
}
