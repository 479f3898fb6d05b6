import { type AuditEntry, AuditEntrySchema, type AuditEvent } from '@fumehood/schema';
import { z } from 'zod';
import { AUDIT_ERRORS, AuditError } from './audit-error.js';
import type { AuditStore } from './audit-store.js';
import { type ChainEnd, emptyChain, linkEvent } from './chain.js';
import { type HeadSigner, headSigner } from './head-signer.js';

/** Longest that disposal waits for appends under way, in milliseconds. */
const CLOSE_TIMEOUT_MS = 10_000;

/** One writer's hash-chained log. At most one log may be open for a writer. */
export interface AuditLog extends AsyncDisposable {
  readonly writer: string;
  /**
   * Resolves once the event is stored: await it before the thing that it announces. Events are stored in the order of the calls,
   * with the time of the call. Rejects with AuditError. After `store_failed` the event counts as not recorded, as do those that
   * were waiting behind it; a later call asks the store where the chain ends and goes on from there.
   */
  append(entry: AuditEntry): Promise<AuditEvent>;
}

export interface AuditLogOptions {
  readonly store: AuditStore;
  readonly writer: string;
  /** Signs the heads; at least 16 bytes. */
  readonly key: Uint8Array;
  readonly now?: () => Date;
}

/** Opens the writer's log at the end of its stored chain. Rejects with AuditError when that end is not to be trusted. */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { store, writer, key, now = () => new Date() } = options;
  checkWriter(writer);
  const signer = headSigner(key);
  let end = await storedEnd(store, signer, writer);
  /** An event whose append failed: whether it was stored is not known until the store is asked. */
  let unsettled: AuditEvent | undefined;
  let failure: AuditError | undefined;
  let failedThrough = 0;
  let calls = 0;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** After a failed append the stored chain ends before that event or with it, and nowhere else. */
  async function settle(event: AuditEvent): Promise<void> {
    const found = await storedEnd(store, signer, writer);
    if (![end, event].some(({ sequence, hash }) => sequence === found.sequence && hash === found.hash)) {
      const message = `The stored chain of ${writer} ends at event ${found.sequence}; this log left it at ${end.sequence}.`;
      throw new AuditError('conflict', message);
    }
    end = found;
    unsettled = undefined;
  }

  async function storeNext(entry: AuditEntry, at: Date): Promise<AuditEvent> {
    if (unsettled !== undefined) await settle(unsettled);
    const event = linkEvent(entry, writer, end, at);
    unsettled = event;
    await store.append(event, signer.sign(event));
    unsettled = undefined;
    end = event;
    return event;
  }

  async function takeTurn(call: number, entry: AuditEntry, at: Date): Promise<AuditEvent> {
    if (failure !== undefined && (call <= failedThrough || !AUDIT_ERRORS[failure.code].retry)) throw failure;
    try {
      return await storeNext(entry, at);
    } catch (cause) {
      failure = asStoreFailure(cause, `The audit event ${entry.type} of ${writer} was not stored.`);
      // Those that already wait behind it fail with it at once, instead of each finding out for itself.
      failedThrough = calls;
      throw failure;
    }
  }

  return {
    writer,
    async append(input) {
      if (closed) throw new AuditError('closed', `The audit log of ${writer} is closed.`);
      const entry = checkEntry(input);
      const call = ++calls;
      const at = now();
      const turn = last.then(() => takeTurn(call, entry, at));
      last = turn.catch(() => undefined);
      return await turn;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await settledWithin(last, CLOSE_TIMEOUT_MS);
    },
  };
}

async function storedEnd(store: AuditStore, signer: HeadSigner, writer: string): Promise<ChainEnd> {
  try {
    const stored = await store.head(writer);
    if (stored !== undefined) {
      const head = signer.verify(stored, writer);
      if (head !== undefined) return head;
      throw new AuditError('head_forged', `The stored head of ${writer} is not signed with this key.`);
    }
    for await (const _ of store.read(writer)) {
      throw new AuditError('head_missing', `The store has events of ${writer}, and no head.`);
    }
    return emptyChain(writer);
  } catch (cause) {
    throw asStoreFailure(cause, `The end of ${writer}'s audit chain could not be read.`);
  }
}

const asStoreFailure = (cause: unknown, message: string) =>
  cause instanceof AuditError ? cause : new AuditError('store_failed', message, { cause });

function checkWriter(writer: string): void {
  if (writer !== '' && writer.length <= 128 && !/[\p{Cc}\p{Cs}]/u.test(writer)) return;
  throw new AuditError(
    'writer_invalid',
    "A writer's name is 1 to 128 characters, none of them a control character.",
  );
}

/** A copy of the entry. Lone surrogates have no canonical form, and must not keep an event from being recorded. */
function checkEntry(input: AuditEntry): AuditEntry {
  const parsed = AuditEntrySchema.safeParse(input);
  if (!parsed.success) throw new AuditError('entry_invalid', z.prettifyError(parsed.error));
  const wellFormed = <T>(value: T) =>
    typeof value === 'string' ? value.replace(/\p{Cs}/gu, '\ufffd') : value;
  const data = Object.entries(parsed.data.data).map(([name, value]) => [wellFormed(name), wellFormed(value)]);
  return {
    type: parsed.data.type,
    tenant: wellFormed(parsed.data.tenant),
    jobId: wellFormed(parsed.data.jobId),
    data: Object.fromEntries(data),
  };
}

async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
