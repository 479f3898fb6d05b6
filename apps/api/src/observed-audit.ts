import { AUDIT_ERRORS, AuditError, type AuditLog } from '@fumehood/audit';
import type { Metrics } from '@fumehood/telemetry';

/**
 * Counts what is appended, and tells of the error after which the log takes nothing more: a stored chain that is no longer this
 * process's own. A new process starts a new chain, and `fumehood audit verify` names the fault in the old one.
 */
export function observedAudit(
  log: AuditLog,
  { audit }: Pick<Metrics, 'audit'>,
  onBroken: (error: AuditError) => void,
): AuditLog {
  return {
    writer: log.writer,
    async append(entry) {
      try {
        const event = await log.append(entry);
        audit.appended(entry.type, 'stored');
        return event;
      } catch (error) {
        audit.appended(entry.type, 'failed');
        if (error instanceof AuditError && error.code !== 'entry_invalid' && !AUDIT_ERRORS[error.code].retry)
          onBroken(error);
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
