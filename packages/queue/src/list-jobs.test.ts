import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fleet, soon, startFleet } from './testing/fleet.js';
import { sampleSubmission } from './testing/sample-job.js';

describe('the list of jobs', { timeout: 60_000 }, () => {
  let fleet: Fleet;
  let ids: string[];
  beforeAll(async () => {
    fleet = await startFleet();
    ids = [];
    for (let index = 0; index < 25; index++) {
      const labels = { parity: index % 2 === 0 ? 'even' : 'odd', ...(index === 7 ? { 'a/b': 'x=y' } : {}) };
      const request = { runtime: index % 5 === 0 ? 'node' : 'python', labels };
      ids.push((await fleet.queue.submit(sampleSubmission({ tenant: 'lists', request }))).jobId);
    }
    await fleet.queue.cancel('lists', ids[3] ?? '');
  });
  afterAll(() => fleet[Symbol.asyncDispose]());

  it('is newest first, page after page, without gaps or repetitions', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await fleet.queue.list('lists', { limit: 10, cursor });
      seen.push(...page.jobs.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([...ids].reverse());
  });

  it('goes on where it was, though newer jobs came meanwhile', async () => {
    const page = await fleet.queue.list('lists', { limit: 5 });
    const { jobId } = await fleet.queue.submit(sampleSubmission({ tenant: 'lists' }));
    const next = await fleet.queue.list('lists', { limit: 5, cursor: page.nextCursor ?? undefined });
    expect(next.jobs.map(({ id }) => id)).toEqual([...ids].reverse().slice(5, 10));
    await fleet.queue.cancel('lists', jobId);
    await fleet.queue.purge('lists', jobId);
  });

  it.each([
    ['by state', { state: 'ended' as const }, [3]],
    ['by runtime', { runtime: 'node' }, [20, 15, 10, 5, 0]],
    ['by a label', { label: 'a/b' }, [7]],
    ["by a label's value", { label: 'a/b=x=y' }, [7]],
    ['by a value that nobody has', { label: 'parity=neither' }, []],
    ['by a name that every object has', { label: 'constructor' }, []],
    ['by all of it', { label: 'parity=odd', runtime: 'node', state: 'queued' as const }, [15, 5]],
  ])('filters %s', async (_by, filter, expected) => {
    const { jobs, nextCursor } = await fleet.queue.list('lists', { limit: 100, ...filter });
    expect(jobs.map(({ id }) => ids.indexOf(id))).toEqual(expected);
    expect(nextCursor).toBeNull();
  });

  it('refuses a cursor that it did not give', async () => {
    await expect(fleet.queue.list('lists', { limit: 1, cursor: '+' })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });
});

describe('one tenant', { timeout: 60_000 }, () => {
  it("sees nothing of another's jobs, and cannot tell them from jobs that never were", async () => {
    await using fleet = await startFleet();
    fleet.work();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ tenant: 'a' }));
    await fleet.queue.waitForResult('a', jobId, soon());
    const never = `job_${'0'.repeat(26)}`;
    for (const id of [jobId, never]) {
      expect(await fleet.queue.get('b', id)).toBeUndefined();
      expect(await fleet.queue.artifact('b', id, 'x')).toBeUndefined();
      expect(await fleet.queue.waitForResult('b', id, soon())).toBeUndefined();
      expect(await fleet.queue.cancel('b', id)).toBe('unknown');
      expect(await fleet.queue.purge('b', id)).toBe('unknown');
    }
    expect(await fleet.queue.list('b', { limit: 10 })).toEqual({ jobs: [], nextCursor: null });
    expect(await fleet.queue.get('a', jobId)).toMatchObject({ state: 'ended' });
  });
});

describe('purging', { timeout: 60_000 }, () => {
  it('forgets an ended job, and only an ended one', async () => {
    await using fleet = await startFleet();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ idempotencyKey: 'k' }));
    expect(await fleet.queue.purge('acme', jobId)).toBe('not_ended');
    await fleet.queue.cancel('acme', jobId);
    expect(await fleet.queue.purge('acme', jobId)).toBe('purged');
    expect(await fleet.queue.purge('acme', jobId)).toBe('unknown');
    expect(await fleet.queue.get('acme', jobId)).toBeUndefined();
    expect(await fleet.queue.list('acme', { limit: 10 })).toEqual({ jobs: [], nextCursor: null });
    expect(await fleet.raw.keys(`*${jobId}*`)).toEqual([]);
    expect(await fleet.queue.submit(sampleSubmission({ idempotencyKey: 'k' }))).toMatchObject({
      created: true,
    });
  });
});
