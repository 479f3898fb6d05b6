import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry, AuditEvent } from '@fumehood/schema';
import type { AuditHead, AuditStore } from '../audit-store.js';
import { type ChainEnd, emptyChain, linkEvent } from '../chain.js';
import { headSigner } from '../head-signer.js';

export const KEY = Buffer.alloc(32, 7);
export const WRITER = 'worker-7.example-x1';

export const entry = (name: string): AuditEntry => ({
  type: 'job.started',
  tenant: 'acme',
  jobId: 'job_01jd8x4q0v9m3k7r2t5w6y8z1a',
  data: { name, attempt: 1, warm: false, note: null },
});

/** What is stored for one writer. */
export interface Shelf {
  readonly events: readonly unknown[];
  readonly head: AuditHead | undefined;
}

/** What an honest writer has stored. */
export interface Chain extends Shelf {
  readonly events: readonly AuditEvent[];
  readonly head: AuditHead;
}

export function chainOf(length: number, writer = WRITER): Chain {
  const events: AuditEvent[] = [];
  let end: ChainEnd = emptyChain(writer);
  for (let sequence = 0; sequence < length; sequence++) {
    const event = linkEvent(entry(`event ${sequence}`), writer, end, new Date(1_700_000_000_000 + sequence));
    events.push(event);
    end = event;
  }
  return { events, head: headSigner(KEY).sign({ writer, ...pick(end) }) };
}

const pick = ({ sequence, hash }: ChainEnd) => ({ sequence, hash });

/** A store that shows what is on the shelves, and takes nothing. */
export function shelfStore(shelves: Readonly<Record<string, Shelf>>): AuditStore {
  return {
    append: () => Promise.reject(new Error('this store is for reading')),
    head: async (writer) => shelves[writer]?.head,
    async *read(writer) {
      yield* shelves[writer]?.events ?? [];
    },
    writers: async () => Object.keys(shelves),
  };
}

/** A folder of the test's own, removed at the end of its scope. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'fumehood-audit-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
