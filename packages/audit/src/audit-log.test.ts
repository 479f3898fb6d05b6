import type { AuditEvent } from '@fumehood/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAuditLog } from './audit-log.js';
import type { AuditStore } from './audit-store.js';
import { genesisDigest } from './chain.js';
import { fileAuditStore } from './file-audit-store.js';
import { entry, KEY, temporaryFolder, WRITER } from './testing/chains.js';
import { verifyAudit } from './verify-audit.js';

const open = (store: AuditStore, writer = WRITER) => openAuditLog({ store, writer, key: KEY });

async function stored(store: AuditStore, writer = WRITER): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const event of store.read(writer)) events.push(event as AuditEvent);
  return events;
}

type Failure = 'none' | 'not stored' | 'reply lost';

/** A store that fails as it is told, call by call: before it stores, or after. */
function failingStore(inner: AuditStore, plan: (call: number) => Failure): AuditStore {
  let call = 0;
  return {
    ...inner,
    async append(event, head) {
      const failure = plan(call++);
      if (failure === 'not stored') throw new Error('the connection is closed');
      await inner.append(event, head);
      if (failure === 'reply lost') throw new Error('the reply did not come');
    },
  };
}

describe('openAuditLog', () => {
  it('starts a chain at the digest of its writer, and links each event to the one before', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    await using log = await open(store);
    const first = await log.append(entry('a'));
    const second = await log.append(entry('b'));
    expect(first).toMatchObject({
      writer: WRITER,
      sequence: 0,
      previous: genesisDigest(WRITER),
      data: { name: 'a' },
    });
    expect(second).toMatchObject({ sequence: 1, previous: first.hash });
    expect(await stored(store)).toEqual([first, second]);
    expect(await store.head(WRITER)).toMatchObject({ writer: WRITER, sequence: 1, hash: second.hash });
  });

  it('goes on with the chain that an earlier log has left', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const before = await open(store).then((log) => log.append(entry('a')));
    const after = await open(store).then((log) => log.append(entry('b')));
    expect(after).toMatchObject({ sequence: 1, previous: before.hash });
    expect(await verifyAudit({ store, key: KEY })).toMatchObject({ ok: true, writers: [{ events: 2 }] });
  });

  it('resolves an append only when the event is stored', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path);
    let isStored = false;
    const log = await open({
      ...inner,
      async append(event, head) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await inner.append(event, head);
        isStored = true;
      },
    });
    const appended = log.append(entry('a'));
    expect(isStored).toBe(false);
    await appended;
    expect(isStored).toBe(true);
  });

  it('stores events in the order of the calls, one at a time, when many come at once', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path, { fsync: 'never' });
    let underWay = 0;
    let most = 0;
    const store: AuditStore = {
      ...inner,
      async append(event, head) {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, event.sequence % 3));
        await inner.append(event, head);
        underWay--;
      },
    };
    const log = await open(store);
    const names = Array.from({ length: 60 }, (_, index) => `event ${index}`);
    await Promise.all(names.map((name) => log.append(entry(name))));
    expect((await stored(store)).map((event) => event.data.name)).toEqual(names);
    expect(most).toBe(1);
  });

  it('records the entry as it was at the call, whatever becomes of the object', async () => {
    await using folder = await temporaryFolder();
    const log = await open(fileAuditStore(folder.path));
    const mutable = entry('before');
    const appended = log.append(mutable);
    mutable.data.name = 'after';
    expect((await appended).data.name).toBe('before');
  });

  it('refuses what is no audit entry, and goes on', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const log = await open(store);
    const wrong = { ...entry('a'), code: 'print(1)' };
    await expect(log.append(wrong)).rejects.toMatchObject({ code: 'entry_invalid' });
    await log.append(entry('b'));
    expect(await verifyAudit({ store, key: KEY })).toMatchObject({ ok: true, writers: [{ events: 1 }] });
  });

  it('records names with lone surrogates, control characters and __proto__, and they verify', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const log = await open(store);
    const data = JSON.parse('{"__proto__":"p","constructor":"c","path":"a\\ud800b\\n\\u001b[2J\\u2028"}');
    const event = await log.append({ ...entry('a'), data });
    expect(event.data.path).toBe('a\ufffdb\n\u001b[2J\u2028');
    expect(event.data.constructor).toBe('c');
    expect(await verifyAudit({ store, key: KEY })).toMatchObject({ ok: true });
  });

  it('refuses to go on from a head that is not signed with its key', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    await open(store).then((log) => log.append(entry('a')));
    const other = openAuditLog({ store, writer: WRITER, key: Buffer.alloc(32, 9) });
    await expect(other).rejects.toMatchObject({ code: 'head_forged' });
  });

  it('refuses to begin anew over events whose head is missing', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path);
    await open(inner).then((log) => log.append(entry('a')));
    await expect(open({ ...inner, head: async () => undefined })).rejects.toMatchObject({
      code: 'head_missing',
    });
  });

  it.each(['', 'a\u0000b', 'x'.repeat(129), '\ud800'])('refuses the writer %j', async (writer) => {
    await using folder = await temporaryFolder();
    await expect(open(fileAuditStore(folder.path), writer)).rejects.toMatchObject({ code: 'writer_invalid' });
  });

  it('refuses a key of less than 16 bytes', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const opened = openAuditLog({ store, writer: WRITER, key: Buffer.alloc(15) });
    await expect(opened).rejects.toMatchObject({ code: 'key_too_short' });
  });

  it('finishes what is under way when it is disposed of, and takes nothing more', async () => {
    await using folder = await temporaryFolder();
    const store = fileAuditStore(folder.path);
    const log = await open(store);
    const appended = [log.append(entry('a')), log.append(entry('b'))];
    await log[Symbol.asyncDispose]();
    expect(await stored(store)).toHaveLength(2);
    await Promise.all(appended);
    await expect(log.append(entry('c'))).rejects.toMatchObject({ code: 'closed' });
    await log[Symbol.asyncDispose]();
  });
});

describe('a store that fails', () => {
  it('makes the append reject with the cause, and the next one takes its place in the chain', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path);
    const log = await open(failingStore(inner, (call) => (call === 1 ? 'not stored' : 'none')));
    await log.append(entry('a'));
    await expect(log.append(entry('b'))).rejects.toMatchObject({
      code: 'store_failed',
      cause: new Error('the connection is closed'),
    });
    expect((await log.append(entry('c'))).sequence).toBe(1);
    expect((await stored(inner)).map((event) => event.data.name)).toEqual(['a', 'c']);
    expect(await verifyAudit({ store: inner, key: KEY })).toMatchObject({ ok: true });
  });

  it('goes on behind an event that was stored although its append rejected', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path);
    const log = await open(failingStore(inner, (call) => (call === 0 ? 'reply lost' : 'none')));
    await expect(log.append(entry('a'))).rejects.toMatchObject({ code: 'store_failed' });
    expect((await log.append(entry('b'))).sequence).toBe(1);
    expect(await verifyAudit({ store: inner, key: KEY })).toMatchObject({
      ok: true,
      writers: [{ events: 2 }],
    });
  });

  it('fails those that wait behind the failed append at once, without asking the store again', async () => {
    await using folder = await temporaryFolder();
    let calls = 0;
    const store = failingStore(fileAuditStore(folder.path), () => (++calls === 1 ? 'not stored' : 'none'));
    const log = await open(store);
    const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => log.append(entry(name))));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
    expect((await log.append(entry('d'))).sequence).toBe(0);
  });

  it('makes the log refuse everything once the stored chain ends where this log never left it', async () => {
    await using folder = await temporaryFolder();
    const inner = fileAuditStore(folder.path);
    const log = await open(failingStore(inner, (call) => (call === 0 ? 'not stored' : 'none')));
    const intruder = await open(inner);
    await intruder.append(entry('elsewhere'));
    await expect(log.append(entry('a'))).rejects.toMatchObject({ code: 'store_failed' });
    await expect(log.append(entry('b'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(log.append(entry('c'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await stored(inner)).toHaveLength(1);
  });

  it('never breaks the chain nor loses an event whose append resolved, however it fails', async () => {
    const failures = fc.constantFrom<Failure>('none', 'none', 'not stored', 'reply lost');
    const bursts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(failures, { maxLength: 20 }), bursts, async (plan, sizes) => {
        await using folder = await temporaryFolder();
        const inner = fileAuditStore(folder.path, { fsync: 'never' });
        const log = await open(failingStore(inner, (call) => plan[call] ?? 'none'));
        const resolved: AuditEvent[] = [];
        for (const size of sizes) {
          const burst = Array.from({ length: size }, (_, index) => log.append(entry(`${index}`)));
          for (const settled of await Promise.allSettled(burst)) {
            if (settled.status === 'fulfilled') resolved.push(settled.value);
          }
        }
        expect(await verifyAudit({ store: inner, key: KEY })).toMatchObject({ ok: true });
        const hashes = (await stored(inner)).map((event) => event.hash);
        expect(hashes.filter((hash) => resolved.some((event) => event.hash === hash))).toEqual(
          resolved.map((event) => event.hash),
        );
      }),
      { numRuns: 60 },
    );
  });
});
