import type { Denial, EgressRule, JobRequest } from '@fumehood/schema';
import { listed } from './listed.js';
import type { Policy } from './policy-schema.js';

/** Whether every host and port is among the policy's, and whether there is a way out at all (where that is known). */
export function* egressDenials(
  request: JobRequest,
  policy: Policy,
  available: boolean | undefined,
): Generator<Denial> {
  for (const [index, { host, ports }] of request.egress.entries()) {
    const allowed = portsAllowed(policy.egress, host);
    if (allowed.size === 0) {
      const hosts = policy.egress.map((rule) => rule.host);
      const reason = `Policy ${policy.name} does not allow ${host}; it allows ${listed(hosts, 'no host at all')}.`;
      yield { code: 'egress_not_allowed', path: `/egress/${index}/host`, reason };
      continue;
    }
    for (const [place, port] of ports.entries()) {
      if (allowed.has(port)) continue;
      const reason = `Policy ${policy.name} does not allow port ${port} of ${host}; it allows: ${listed([...allowed].sort((a, b) => a - b))}.`;
      yield { code: 'egress_not_allowed', path: `/egress/${index}/ports/${place}`, reason };
    }
  }
  if (request.egress.length > 0 && available === false) {
    const reason = 'No way out of a sandbox is available here; leave `egress` out.';
    yield { code: 'egress_unavailable', path: '/egress', reason };
  }
}

/** The ports that the rules allow for a host; empty when no rule names it. */
function portsAllowed(rules: readonly EgressRule[], host: string): ReadonlySet<number> {
  return new Set(rules.filter((rule) => hostWithin(host, rule.host)).flatMap((rule) => rule.ports));
}

/** Whether every name that `host` stands for is allowed by `pattern`: the same host, or one below the domain of a `*.` pattern. */
function hostWithin(host: string, pattern: string): boolean {
  return host === pattern || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}
