import type { AuditLog } from '@fumehood/audit';
import type { AuthRefusal } from './authenticate.js';

/** Whoever tries keys must not be able to fill the audit trail: one event in so many milliseconds, with a count of the rest. */
const INTERVAL_MS = 1000;

export interface RefusalRecordOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  /** A refusal stands though it could not be recorded: to refuse is the safe side. */
  onFailed(error: unknown): void;
  readonly now?: () => number;
}

/** Records refused requests as `auth.refused`; `suppressed` is how many before it were not. */
export function recordRefusals({ audit, onFailed, now = () => performance.now() }: RefusalRecordOptions) {
  let nextAt = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return async ({ reason, owner, route, address }: AuthRefusal): Promise<void> => {
    if (now() < nextAt) {
      suppressed += 1;
      return;
    }
    nextAt = now() + INTERVAL_MS;
    const data = { reason, route: route.slice(0, 256), address, keyId: owner?.keyId ?? null, suppressed };
    suppressed = 0;
    try {
      await audit.append({ type: 'auth.refused', tenant: owner?.tenant ?? null, jobId: null, data });
    } catch (error) {
      onFailed(error);
    }
  };
}
