import { z } from 'zod';
import { AuditError } from './audit-error.js';
import type { AuditFault } from './audit-fault.js';
import type { AuditHead, AuditStore } from './audit-store.js';
import { type HeadSigner, headSigner } from './head-signer.js';
import { verifyChain } from './verify-chain.js';

export interface WriterReport {
  readonly writer: string;
  /** Entries read. */
  readonly events: number;
  readonly ok: boolean;
  readonly fault: AuditFault | null;
  /** The verified head; keep it elsewhere and give it back as an anchor to make a later rollback visible. */
  readonly head: AuditHead | null;
}

export interface AuditReport {
  readonly ok: boolean;
  /** In the order of their names. */
  readonly writers: readonly WriterReport[];
}

export interface VerifyOptions {
  readonly store: AuditStore;
  readonly key: Uint8Array;
  /**
   * Heads from earlier reports, kept out of the store's reach. Without them, putting an older copy of a writer's events and head
   * back, or removing a writer altogether, can't be seen.
   */
  readonly anchors?: readonly AuditHead[];
}

/** Verifies every writer's chain; safe while they append. Rejects only when the store can't be read or the key is unusable. */
export async function verifyAudit({ store, key, anchors = [] }: VerifyOptions): Promise<AuditReport> {
  const signer = headSigner(key);
  const names = new Set([...(await store.writers()), ...anchors.map((anchor) => anchor.writer)]);
  const writers: WriterReport[] = [];
  for (const writer of [...names].sort()) {
    const own = anchors.filter((anchor) => anchor.writer === writer);
    writers.push(await verifyWriter(store, signer, writer, own));
  }
  return { ok: writers.every((writer) => writer.ok), writers };
}

async function verifyWriter(
  store: AuditStore,
  signer: HeadSigner,
  writer: string,
  anchors: readonly AuditHead[],
): Promise<WriterReport> {
  // The head first: a live writer only ever moves it on, so that what it names is there to be read.
  const head = await readHead(store, signer, writer);
  const marks = anchors.flatMap((anchor) => signer.verify(anchor, writer) ?? []);
  const signed = typeof head === 'object' ? [...marks, head] : marks;
  const { events, end, fault } = await verifyChain(writer, store.read(writer), signed);
  const report = (found: AuditFault | null): WriterReport => ({
    writer,
    events,
    ok: found === null,
    fault: found,
    head: typeof head === 'object' ? head : null,
  });
  if (fault !== null) return report(fault);
  if (marks.length < anchors.length)
    return report(headFault('head_forged', 'An anchor is not signed with this key.'));
  if (head === 'forged')
    return report(headFault('head_forged', 'The stored head is not signed with this key.'));
  if (head === 'none') {
    return report(
      events === 0 ? null : headFault('head_missing', `There are ${events} events, and no signed head.`),
    );
  }
  if (end.sequence <= head.sequence) return report(null);
  // Events beyond the head: appended while this was reading, if the head has moved on meanwhile.
  const later = await readHead(store, signer, writer);
  if (typeof later === 'object' && later.sequence >= end.sequence) {
    return report(later.sequence > end.sequence || later.hash === end.hash ? null : unsigned(head));
  }
  return report(unsigned(head));
}

const headFault = (kind: 'head_forged' | 'head_missing', detail: string): AuditFault => ({
  kind,
  sequence: null,
  detail,
});

const unsigned = (head: AuditHead): AuditFault => ({
  kind: 'inserted',
  sequence: head.sequence + 1,
  detail: `The signed head ends at event ${head.sequence}; what stands behind it was never signed for.`,
});

async function readHead(
  store: AuditStore,
  signer: HeadSigner,
  writer: string,
): Promise<AuditHead | 'forged' | 'none'> {
  try {
    const stored = await store.head(writer);
    return stored === undefined ? 'none' : (signer.verify(stored, writer) ?? 'forged');
  } catch (error) {
    // A store may give the head as it is, or refuse to parse one that is none.
    if (error instanceof z.ZodError) return 'forged';
    if (error instanceof AuditError && error.code === 'head_forged') return 'forged';
    throw error;
  }
}
