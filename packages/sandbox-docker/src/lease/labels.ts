import type { Owner } from './owner.js';

/** Which containers are ours. `fumehood.*` labels say whose, and until when they may live. */
export const SANDBOX_LABEL = 'fumehood.sandbox=1';

/** A container without this beginning is never touched, whatever labels an image gave it. */
export const NAME_PREFIX = 'fumehood-';

/** Whose a container is. */
export interface Lease {
  readonly owner: Owner;
  /** The engine that made it, of possibly several in one process. */
  readonly engineId: string;
  readonly until: Date;
}

export const leaseLabels = (lease: Lease): Readonly<Record<string, string>> => ({
  'fumehood.sandbox': '1',
  'fumehood.owner': lease.owner,
  'fumehood.engine': lease.engineId,
  'fumehood.lease': lease.until.toISOString(),
});

/** The lease out of a container's labels. What is missing makes the lease one that has run out long ago, of nobody. */
export function leaseOf(labels: Readonly<Record<string, string>>): Lease {
  const until = new Date(labels['fumehood.lease'] ?? 0);
  return {
    owner: labels['fumehood.owner'] ?? '',
    engineId: labels['fumehood.engine'] ?? '',
    until: Number.isNaN(until.getTime()) ? new Date(0) : until,
  };
}
