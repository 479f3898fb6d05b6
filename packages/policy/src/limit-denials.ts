import { type Denial, type JobRequest, LIMIT_NAMES, type Limits, type Runtime } from '@fumehood/schema';
import type { Policy } from './policy-schema.js';
import { formatLimit } from './quantity.js';

/** Whether every limit is between what the runtime needs and what the policy allows. */
export function* limitDenials(
  request: JobRequest,
  policy: Policy,
  limits: Limits,
  runtime: Runtime | undefined,
): Generator<Denial> {
  for (const name of LIMIT_NAMES) {
    const path = `/limits/${name}`;
    const value = limits[name];
    const ceiling = policy.limits.ceilings[name];
    const minimum = runtime?.minimums[name] ?? 0;
    const say = (number: number) => formatLimit(name, number);
    const exactly = (number: number) =>
      say(number) === String(number) ? String(number) : `${number} (${say(number)})`;
    if (value > ceiling) {
      const reason = `${say(value)} is above the ceiling of policy ${policy.name}; ask for at most ${exactly(ceiling)}.`;
      yield { code: 'limit_above_ceiling', path, reason };
    }
    if (value < minimum) {
      const source =
        request.limits[name] === undefined
          ? `${say(value)}, the default of policy ${policy.name},`
          : say(value);
      const way =
        minimum > ceiling
          ? `the policy's ceiling of ${say(ceiling)} is below that, so it can't run this runtime`
          : `ask for at least ${exactly(minimum)}`;
      const reason = `${source} is less than the ${say(minimum)} that runtime ${runtime?.name} needs; ${way}.`;
      yield { code: 'limit_below_minimum', path, reason };
    }
  }
}
