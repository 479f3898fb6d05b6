import { createHash } from 'node:crypto';
import type { AuditEntry, AuditEvent } from '@fumehood/schema';
import canonicalize from 'canonicalize';

/** The end of a chain: what the next event follows. */
export interface ChainEnd {
  /** Sequence of the last event; -1 when there is none. */
  readonly sequence: number;
  /** Hash of the last event; the genesis digest when there is none. */
  readonly hash: string;
}

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** What the first event of a writer names as its `previous`: the SHA-256 of `fumehood-audit-genesis-v1:` and the writer's name. */
export const genesisDigest = (writer: string): string => digestOf(`fumehood-audit-genesis-v1:${writer}`);

export const emptyChain = (writer: string): ChainEnd => ({ sequence: -1, hash: genesisDigest(writer) });

/** SHA-256 over all fields but `hash` in canonical form (RFC 8785). Throws on what has no canonical form, such as a lone surrogate. */
export function eventHash(event: object): string {
  const { hash: _, ...hashed } = event as Record<string, unknown>;
  return digestOf(String(canonicalize(hashed)));
}

/** Makes the event that follows `end`. */
export function linkEvent(entry: AuditEntry, writer: string, end: ChainEnd, at: Date): AuditEvent {
  const unhashed = {
    ...entry,
    writer,
    sequence: end.sequence + 1,
    at: at.toISOString(),
    previous: end.hash,
  };
  return { ...unhashed, hash: eventHash(unhashed) };
}
