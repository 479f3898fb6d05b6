/** What can go wrong with an audit log, other than the faults that `verifyAudit` reports as values. */
export const AUDIT_ERRORS = {
  entry_invalid: { retry: false, meaning: 'The entry is not an audit entry' },
  key_too_short: { retry: false, meaning: 'The key of the signed heads is too short' },
  writer_invalid: { retry: false, meaning: "The writer's name can't be used" },
  store_failed: { retry: true, meaning: 'The store did not take the event; it counts as not recorded' },
  head_missing: { retry: false, meaning: 'The store has events of this writer and no signed head' },
  head_forged: {
    retry: false,
    meaning: 'The stored head is not signed with this key, or is not a head at all',
  },
  conflict: {
    retry: false,
    meaning: 'The stored chain does not end where this log left it: someone else wrote or removed events',
  },
  closed: { retry: false, meaning: 'The log was closed' },
} as const;

export type AuditErrorCode = keyof typeof AUDIT_ERRORS;

export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
