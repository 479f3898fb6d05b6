import type { AuditEvent } from '@fumehood/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuditHeadSchema } from './audit-store.js';
import { eventHash, genesisDigest } from './chain.js';
import { headSigner } from './head-signer.js';
import { chainOf, entry, KEY, type Shelf, shelfStore, WRITER } from './testing/chains.js';
import { verifyAudit } from './verify-audit.js';

const verify = async (shelf: Shelf) => {
  const report = await verifyAudit({ store: shelfStore({ [WRITER]: shelf }), key: KEY });
  expect(report.writers).toHaveLength(1);
  expect(report.ok).toBe(report.writers[0]?.ok);
  return report.writers[0];
};

const rehash = (event: AuditEvent): AuditEvent => ({ ...event, hash: eventHash(event) });

const at = (events: readonly AuditEvent[], index: number): AuditEvent => {
  const event = events[index];
  if (event === undefined) throw new Error(`there is no event ${index}`);
  return event;
};

/** A chain of 1 to 12 events and a place in it. */
const chainAndPlace = fc
  .integer({ min: 1, max: 12 })
  .chain((length) => fc.tuple(fc.constant(length), fc.integer({ min: 0, max: length - 1 })));

/** Ways to edit an event that change what it says. */
const edits: Record<string, (event: AuditEvent) => unknown> = {
  type: (event) => ({ ...event, type: 'job.ended' }),
  tenant: (event) => ({ ...event, tenant: null }),
  jobId: (event) => ({ ...event, jobId: 'job_01jd8x4q0v9m3k7r2t5w6y8z1b' }),
  at: (event) => ({ ...event, at: '2020-01-01T00:00:00.000Z' }),
  data: (event) => ({ ...event, data: { ...event.data, name: 'another' } }),
  'data, one key less': (event) => ({ ...event, data: { name: event.data.name } }),
  'data, __proto__ smuggled in': (event) => ({ ...event, data: JSON.parse('{"__proto__":1,"name":"x"}') }),
  sequence: (event) => ({ ...event, sequence: event.sequence + 1 }),
  previous: (event) => ({ ...event, previous: genesisDigest('somebody') }),
  hash: (event) => ({ ...event, hash: genesisDigest('somebody') }),
};

/** What is no event of this writer at all. */
const ruins: Record<string, (event: AuditEvent) => unknown> = {
  null: () => null,
  text: () => '{"type":"job.started"',
  'a number': () => 7,
  'an array': (event) => [event],
  'an unknown key': (event) => ({ ...event, extra: true }),
  'a missing key': ({ at: _, ...event }) => event,
  'an unknown type': (event) => rehash({ ...event, type: 'job.approved' as AuditEvent['type'] }),
  'a lone surrogate': (event) => ({ ...event, data: { name: '\ud800' } }),
  "another writer's event": (event) => rehash({ ...event, writer: 'somebody' }),
};

describe('an untouched chain', () => {
  it('verifies at every length, and its verified head is in the report', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (length) => {
        const chain = chainOf(length);
        expect(await verify(chain)).toEqual({
          writer: WRITER,
          events: length,
          ok: true,
          fault: null,
          head: chain.head,
        });
      }),
    );
  });

  it('may be empty', async () => {
    expect(await verify({ events: [], head: undefined })).toMatchObject({ ok: true, events: 0, head: null });
  });
});

describe('an edited event', () => {
  it.each(Object.keys(edits))('is found at its place when its %s was edited', async (name) => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        const tampered: unknown[] = events.with(place, edits[name]?.(at(events, place)) as AuditEvent);
        expect(await verify({ events: tampered, head })).toMatchObject({
          fault: { kind: 'hash_mismatch', sequence: place },
        });
      }),
      { numRuns: 20 },
    );
  });

  it.each(Object.keys(ruins))('is found at its place when it became %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        const tampered: unknown[] = events.with(place, ruins[name]?.(at(events, place)) as AuditEvent);
        expect(await verify({ events: tampered, head })).toMatchObject({
          fault: { kind: 'malformed', sequence: place },
        });
      }),
      { numRuns: 20 },
    );
  });

  it('is found at its place when its hash was made again', async () => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        const tampered = events.with(place, rehash({ ...at(events, place), ...entry('forged') }));
        expect(await verify({ events: tampered, head })).toMatchObject({
          fault: { kind: 'replaced', sequence: place },
        });
      }),
    );
  });

  it('is found at the signed head when it and all events behind it were hashed again', async () => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        let previous = at(events, place).previous;
        const tampered = events.map((event, index) => {
          if (index < place) return event;
          const data = index === place ? { name: 'forged' } : event.data;
          const forged = rehash({ ...event, data, previous });
          previous = forged.hash;
          return forged;
        });
        expect(await verify({ events: tampered, head })).toMatchObject({
          fault: { kind: 'replaced', sequence: length - 1 },
        });
      }),
    );
  });
});

describe('missing, moved and added events', () => {
  it('are located: a deletion inside is a gap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.nat(), async (length, seed) => {
        const place = seed % (length - 1);
        const { events, head } = chainOf(length);
        expect(await verify({ events: events.toSpliced(place, 1), head })).toMatchObject({
          fault: { kind: 'gap', sequence: place, detail: `Event ${place} is missing.` },
        });
      }),
    );
  });

  it('are located: a cut tail is where the first missing event should be', async () => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        expect(await verify({ events: events.slice(0, place), head })).toMatchObject({
          events: place,
          fault: { kind: 'tail_cut', sequence: place },
        });
      }),
    );
  });

  it('are located: two swapped events are reordered at the first of them', async () => {
    const pair = fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(pair, async ([a = 0, b = 1]) => {
        const { events, head } = chainOf(12);
        const swapped = events.with(a, at(events, b)).with(b, at(events, a));
        expect(await verify({ events: swapped, head })).toMatchObject({
          fault: { kind: 'reordered', sequence: Math.min(a, b) },
        });
      }),
    );
  });

  it('are located: an event moved elsewhere is reordered at the first place that changed', async () => {
    const move = fc.uniqueArray(fc.nat({ max: 11 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(move, async ([from = 0, to = 1]) => {
        const { events, head } = chainOf(12);
        const moved = events.toSpliced(from, 1).toSpliced(to, 0, at(events, from));
        expect(await verify({ events: moved, head })).toMatchObject({
          fault: { kind: 'reordered', sequence: Math.min(from, to) },
        });
      }),
    );
  });

  it('are located: a copy of an earlier event is where it was put in', async () => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        for (let to = place + 1; to <= length; to++) {
          expect(await verify({ events: events.toSpliced(to, 0, at(events, place)), head })).toMatchObject({
            fault: { kind: 'inserted', sequence: to },
          });
        }
      }),
    );
  });

  it('are located: a forged event that fits in before a genuine one is where both claim to be', async () => {
    await fc.assert(
      fc.asyncProperty(chainAndPlace, async ([length, place]) => {
        const { events, head } = chainOf(length);
        const genuine = at(events, place);
        const forged = rehash({ ...genuine, ...entry('forged') });
        const tampered = events.toSpliced(place, 0, forged);
        const report = await verify({ events: tampered, head });
        expect(report).toMatchObject({ ok: false, fault: { sequence: place } });
        expect(['inserted', 'replaced']).toContain(report?.fault?.kind);
      }),
    );
  });

  it('are located: events behind the signed head were never signed for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (length, more) => {
          const { events } = chainOf(length + more);
          const { head } = chainOf(length);
          expect(await verify({ events, head })).toMatchObject({
            fault: { kind: 'inserted', sequence: length },
          });
        },
      ),
    );
  });
});

describe('the head', () => {
  it('is reported when it is missing', async () => {
    const { events } = chainOf(3);
    expect(await verify({ events, head: undefined })).toMatchObject({
      fault: { kind: 'head_missing', sequence: null },
      head: null,
    });
  });

  it('is reported as forged when anything in it was changed, or it is of another writer', async () => {
    const { events, head } = chainOf(3);
    const forgeries: unknown[] = [
      { ...head, sequence: 1, hash: at(events, 1).hash },
      { ...head, hash: at(events, 0).hash },
      { ...head, signature: `hmac-sha256:${'0'.repeat(64)}` },
      { ...head, signature: 'hmac-sha256:short' },
      { ...head, extra: 1 },
      {},
      'head',
      null,
      chainOf(3, 'another-writer').head,
      headSigner(Buffer.alloc(32, 1)).sign(head),
    ];
    for (const forged of forgeries) {
      const store = {
        ...shelfStore({ [WRITER]: { events, head } }),
        head: async () => forged as typeof head,
      };
      expect((await verifyAudit({ store, key: KEY })).writers[0]).toMatchObject({
        ok: false,
        fault: { kind: 'head_forged', sequence: null },
      });
    }
  });

  it('is reported as forged when the store itself can not parse it', async () => {
    const { events, head } = chainOf(3);
    const store = {
      ...shelfStore({ [WRITER]: { events, head } }),
      head: async () => AuditHeadSchema.parse({ writer: WRITER }),
    };
    expect((await verifyAudit({ store, key: KEY })).writers).toMatchObject([
      { fault: { kind: 'head_forged' } },
    ]);
  });

  it('gone together with everything else is seen when an earlier head is given as an anchor', async () => {
    const anchors = [chainOf(5).head];
    const gone = await verifyAudit({ store: shelfStore({}), key: KEY, anchors });
    expect(gone.writers).toMatchObject([{ fault: { kind: 'tail_cut', sequence: 0 } }]);
    const rolledBack = await verifyAudit({ store: shelfStore({ [WRITER]: chainOf(3) }), key: KEY, anchors });
    expect(rolledBack.writers).toMatchObject([{ fault: { kind: 'tail_cut', sequence: 3 } }]);
    const goneOn = await verifyAudit({ store: shelfStore({ [WRITER]: chainOf(9) }), key: KEY, anchors });
    expect(goneOn.ok).toBe(true);
  });

  it('that vouches for another event than an anchor in the same place is a fault there', async () => {
    const { events, head } = chainOf(4);
    const anchor = headSigner(KEY).sign({ ...head, hash: genesisDigest('another history') });
    const report = await verifyAudit({
      store: shelfStore({ [WRITER]: { events, head } }),
      key: KEY,
      anchors: [anchor],
    });
    expect(report.writers).toMatchObject([{ fault: { kind: 'replaced', sequence: 3 } }]);
  });
});

describe('verifyAudit', () => {
  it('judges every writer by itself, in the order of their names', async () => {
    const broken = chainOf(4, 'b');
    const store = shelfStore({
      c: chainOf(2, 'c'),
      b: { ...broken, events: broken.events.slice(1) },
      a: chainOf(1, 'a'),
    });
    const report = await verifyAudit({ store, key: KEY });
    expect(report.ok).toBe(false);
    expect(report.writers.map(({ writer, ok }) => [writer, ok])).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });

  it("finds a writer's chain that was put under another name", async () => {
    const report = await verifyAudit({ store: shelfStore({ b: chainOf(2, 'a') }), key: KEY });
    expect(report.writers).toMatchObject([{ writer: 'b', fault: { kind: 'malformed', sequence: 0 } }]);
  });

  it('takes events that came while it was reading for what they are', async () => {
    const before = chainOf(3);
    const after = chainOf(5);
    let asked = 0;
    const store = {
      ...shelfStore({ [WRITER]: after }),
      head: async () => (asked++ === 0 ? before.head : after.head),
    };
    expect(await verifyAudit({ store, key: KEY })).toMatchObject({ ok: true, writers: [{ events: 5 }] });
  });

  it('rejects when the store can not be read: that is no verdict', async () => {
    const store = {
      ...shelfStore({ [WRITER]: chainOf(1) }),
      head: () => Promise.reject(new Error('no connection')),
    };
    await expect(verifyAudit({ store, key: KEY })).rejects.toThrow('no connection');
  });
});
