import type { DockerApi } from '../api/docker-api.js';
import { type Lease, leaseOf, NAME_PREFIX, SANDBOX_LABEL } from './labels.js';
import { type Liveness, type Owner, ownerLiveness } from './owner.js';

/** Who reaps, and what it must keep. */
export interface Reaper {
  readonly owner: Owner;
  readonly engineId: string;
  /** Whether a container of this very engine is in use. */
  isLive(name: string): boolean;
}

/** Removes the containers that nobody has any more; returns their names. What can't be removed now is left for the next time. */
export async function reap(api: DockerApi, reaper: Reaper): Promise<readonly string[]> {
  const found = await api.list(SANDBOX_LABEL);
  const abandoned = found.flatMap(({ Names, Labels }) => {
    const name = Names[0]?.replace(/^\//, '') ?? '';
    return name.startsWith(NAME_PREFIX) && isAbandoned(name, leaseOf(Labels), reaper) ? [name] : [];
  });
  const reaped: string[] = [];
  for (const name of abandoned) {
    // Another worker may be removing the same one.
    const removed = await api.remove(name).then(
      () => true,
      () => false,
    );
    if (removed) reaped.push(name);
  }
  return reaped;
}

/**
 * A living owner looks after its containers itself, however long; a dead one's are free at once. Of an owner that can't be seen from here,
 * after a reboot or on another host that uses the same daemon, only the lease says.
 */
export function isAbandoned(
  name: string,
  lease: Lease,
  reaper: Reaper,
  now: Date = new Date(),
  liveness: (owner: Owner) => Liveness = ownerLiveness,
): boolean {
  if (lease.owner === reaper.owner && lease.engineId === reaper.engineId) return !reaper.isLive(name);
  const state = liveness(lease.owner);
  switch (state) {
    case 'alive':
      return false;
    case 'dead':
      return true;
    case 'unknown':
      return lease.until < now;
    default:
      return state satisfies never;
  }
}
