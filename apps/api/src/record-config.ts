import type { AuditLog } from '@fumehood/audit';
import type { FleetConfig, PolicyError } from '@fumehood/policy';

type Recorder = Pick<AuditLog, 'append'>;

/**
 * Records each configuration before it is taken into use: an event for every policy that is new, changed or gone, and one for
 * the tenants as a whole.
 */
export function recordConfig(audit: Recorder): (config: FleetConfig) => Promise<void> {
  let known: ReadonlyMap<string, string> = new Map();
  return async (config) => {
    const found = new Map([...config.policies].map(([name, { digest }]) => [name, digest]));
    for (const name of new Set([...known.keys(), ...found.keys()])) {
      const digest = found.get(name);
      if (digest === known.get(name)) continue;
      await audit.append({
        type: 'policy.loaded',
        tenant: null,
        jobId: null,
        data: { policy: name, digest: digest ?? null },
      });
    }
    const data = { policies: found.size, tenants: config.tenants.size, keys: config.keys.size };
    await audit.append({ type: 'policy.loaded', tenant: null, jobId: null, data });
    known = found;
  };
}

/** Records a configuration that was refused; the last good one stays in use. */
export async function recordRefusedConfig(
  audit: Recorder,
  { file, path, reason, problems }: PolicyError,
): Promise<void> {
  const data = {
    file: file.slice(0, 1024),
    path: path.slice(0, 1024),
    reason: reason.slice(0, 1024),
    problems: problems.length,
  };
  await audit.append({ type: 'policy.refused', tenant: null, jobId: null, data });
}
