import { type AuditEvent, AuditEventSchema } from '@fumehood/schema';
import type { AuditFault } from './audit-fault.js';
import { type ChainEnd, emptyChain, eventHash } from './chain.js';

export interface ChainCheck {
  /** Entries read. */
  readonly events: number;
  /** The end of the intact part. */
  readonly end: ChainEnd;
  readonly fault: AuditFault | null;
}

/** A fault, and how what stands later in the chain makes it more exact. */
interface Suspicion {
  fault: AuditFault;
  hearLater?(event: AuditEvent): void;
}

/** Hashes that verified heads vouch for, by sequence number. */
type Marks = ReadonlyMap<number, string>;

/**
 * Walks a chain from its genesis, in constant memory, and finds the first fault. `signed` are heads whose signatures were
 * verified: the chain must pass through each of them. Events after the last of them are only checked against each other.
 */
export async function verifyChain(
  writer: string,
  stored: AsyncIterable<unknown>,
  signed: readonly ChainEnd[],
): Promise<ChainCheck> {
  const marks = marksOf(signed);
  let events = 0;
  let end = emptyChain(writer);
  let beforeEnd = end;
  let suspicion: Suspicion | undefined;
  for await (const raw of stored) {
    events++;
    const event = readEvent(raw, writer);
    if (suspicion !== undefined) {
      if (typeof event === 'object') suspicion.hearLater?.(event);
      continue;
    }
    suspicion = typeof event === 'object' ? suspect(event, end, beforeEnd, marks) : unreadable(event, end);
    if (suspicion !== undefined || typeof event !== 'object') continue;
    beforeEnd = end;
    end = event;
  }
  return { events, end, fault: suspicion?.fault ?? cutTail(end, marks) };
}

/** Two heads that vouch for different events in one place can't both be met: no hash is the empty text. */
function marksOf(signed: readonly ChainEnd[]): Marks {
  const marks = new Map<number, string>();
  for (const { sequence, hash } of signed) {
    marks.set(sequence, (marks.get(sequence) ?? hash) === hash ? hash : '');
  }
  return marks;
}

/** The event, when it is one of this writer's and its hash is right; else what is wrong. */
function readEvent(raw: unknown, writer: string): AuditEvent | 'malformed' | 'hash_mismatch' {
  const parsed = AuditEventSchema.safeParse(raw);
  if (!parsed.success || typeof raw !== 'object' || raw === null) return 'malformed';
  if (parsed.data.writer !== writer) return 'malformed';
  try {
    // Hashed as it is stored, not as it was parsed: a schema may drop what it does not know, such as a `__proto__` key.
    return eventHash(raw) === parsed.data.hash ? parsed.data : 'hash_mismatch';
  } catch {
    return 'malformed';
  }
}

function unreadable(kind: 'malformed' | 'hash_mismatch', end: ChainEnd): Suspicion {
  const sequence = end.sequence + 1;
  const what =
    kind === 'malformed' ? 'is not an event of this writer' : 'does not match its hash: it was edited';
  return { fault: { kind, sequence, detail: `What stands in the place of event ${sequence} ${what}.` } };
}

function suspect(event: AuditEvent, end: ChainEnd, beforeEnd: ChainEnd, marks: Marks): Suspicion | undefined {
  const expected = end.sequence + 1;
  if (event.sequence > expected) return missing(expected, event);
  if (event.sequence < expected) return extra(event, end, beforeEnd);
  if (event.previous !== end.hash) return brokenLink(event, marks);
  const mark = marks.get(event.sequence);
  if (mark === undefined || mark === event.hash) return undefined;
  const detail = `Event ${event.sequence} is not the one that was signed for: it, or events before it, were replaced and hashed again.`;
  return { fault: { kind: 'replaced', sequence: event.sequence, detail } };
}

/** The expected event is not here. When it stands later on, the order was changed; else it is gone. */
function missing(expected: number, found: AuditEvent): Suspicion {
  const last = found.sequence - 1;
  const what =
    last === expected ? `Event ${expected} is missing` : `Events ${expected} to ${last} are missing`;
  return {
    fault: { kind: 'gap', sequence: expected, detail: `${what}.` },
    hearLater(event) {
      if (event.sequence !== expected) return;
      const detail = `Event ${found.sequence} stands in the place of event ${expected}, which comes later.`;
      this.fault = { kind: 'reordered', sequence: expected, detail };
    },
  };
}

/** All events up to here stand in their places, and one of them comes again. */
function extra(event: AuditEvent, end: ChainEnd, beforeEnd: ChainEnd): Suspicion {
  const rivals =
    event.sequence === end.sequence && event.previous === beforeEnd.hash && event.hash !== end.hash;
  const detail = rivals
    ? `Two different events claim to be event ${event.sequence}; one was put in.`
    : `A second event ${event.sequence} stands behind event ${end.sequence}.`;
  return { fault: { kind: 'inserted', sequence: rivals ? event.sequence : end.sequence + 1, detail } };
}

/**
 * The event names another predecessor than the one before it. When the chain from here leads to a signed head, this event is
 * genuine and the one before it is not.
 */
function brokenLink(event: AuditEvent, marks: Marks): Suspicion {
  const { sequence } = event;
  const before = Math.max(0, sequence - 1);
  const genuine: AuditFault = {
    kind: 'replaced',
    sequence: before,
    detail: `Event ${before} is not the one that event ${sequence} follows; the chain from ${sequence} on is signed for.`,
  };
  let tip: ChainEnd = event;
  const isSigned = () => sequence > 0 && marks.get(tip.sequence) === tip.hash;
  const open: AuditFault = {
    kind: 'replaced',
    sequence,
    detail: `Event ${sequence} does not follow what stands before it: it was replaced and hashed again.`,
  };
  return {
    fault: isSigned() ? genuine : open,
    hearLater(later) {
      if (later.sequence !== tip.sequence + 1 || later.previous !== tip.hash) return;
      tip = later;
      if (isSigned()) this.fault = genuine;
    },
  };
}

function cutTail(end: ChainEnd, marks: Marks): AuditFault | null {
  const last = Math.max(-1, ...marks.keys());
  if (last <= end.sequence) return null;
  const first = end.sequence + 1;
  const what = first === last ? `Event ${first} is` : `Events ${first} to ${last} are`;
  return {
    kind: 'tail_cut',
    sequence: first,
    detail: `${what} missing at the end; the signed head says that there were ${last + 1} events.`,
  };
}
