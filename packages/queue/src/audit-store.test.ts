import { describe, expect, it } from 'vitest';
import type { RedisAuditStore } from './audit-store.js';
import { startFleet } from './testing/fleet.js';

const head = (writer: string, sequence: number) => ({
  writer,
  sequence,
  hash: `h${sequence}`,
  signature: `s${sequence}`,
});
const append = (store: RedisAuditStore, writer: string, sequence: number, note = 'x') =>
  store.append({ writer, sequence, note } as { writer: string; sequence: number }, head(writer, sequence));
async function all(events: AsyncIterable<unknown>) {
  const list: unknown[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe('the audit store', { timeout: 60_000 }, () => {
  it('keeps the events of each writer in order, and its head, over many pages', async () => {
    await using fleet = await startFleet();
    const { auditStore: store } = fleet.queue;
    expect(await store.writers()).toEqual([]);
    expect(await store.head('api-1')).toBeUndefined();
    for (let sequence = 0; sequence < 1_203; sequence++) await append(store, 'api-1', sequence);
    await append(store, 'worker-1', 0);
    const events = await all(store.read('api-1'));
    expect(events.length).toBe(1_203);
    expect(events[1_202]).toEqual({ writer: 'api-1', sequence: 1_202, note: 'x' });
    expect(await store.head('api-1')).toEqual(head('api-1', 1_202));
    expect(await store.writers()).toEqual(['api-1', 'worker-1']);
    expect(await all(store.read('nobody'))).toEqual([]);
  });

  it('takes an event that is sent twice once, and no other event of its number', async () => {
    await using fleet = await startFleet();
    const { auditStore: store } = fleet.queue;
    await append(store, 'w', 0);
    await append(store, 'w', 0);
    await append(store, 'w', 1);
    expect((await all(store.read('w'))).length).toBe(2);
    await expect(append(store, 'w', 0, 'y')).rejects.toMatchObject({ code: 'corrupt' });
    await fleet.raw.xdel('{fumehood}:audit:w', '0-1');
    await expect(append(store, 'w', 0, 'y')).rejects.toMatchObject({ code: 'corrupt' });
    expect(await store.head('w')).toEqual(head('w', 1));
  });

  it('gives what somebody else wrote there as it is', async () => {
    await using fleet = await startFleet();
    await append(fleet.queue.auditStore, 'w', 0);
    await fleet.raw.xadd('{fumehood}:audit:w', '*', 'event', 'not json');
    expect((await all(fleet.queue.auditStore.read('w'))).at(-1)).toBe('not json');
  });
});
