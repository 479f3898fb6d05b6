/** What can be wrong with a writer's chain. */
export const AUDIT_FAULTS = {
  malformed: 'What stands here is not an event of this writer',
  hash_mismatch: 'The event was edited: its content is not what its hash was made of',
  replaced: 'The event was replaced by another one, hashed again',
  gap: 'Events are missing',
  reordered: 'Events stand in another order than they were written in',
  inserted: 'The event was put in: it is a copy, or was never signed for',
  tail_cut: 'The last events are missing: a signed head is beyond them',
  head_missing: 'There are events, and no signed head',
  head_forged: 'The head is not signed with this key, or is no head at all',
} as const;
export type AuditFaultKind = keyof typeof AUDIT_FAULTS;

/** The first thing that is wrong with a chain; what stands before it is intact. */
export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Sequence number of the event at fault, or of the first missing one; null when the head alone is at fault. */
  readonly sequence: number | null;
  /** One sentence for people. Holds no text from the store. */
  readonly detail: string;
}
