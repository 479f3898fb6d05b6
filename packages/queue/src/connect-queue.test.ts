import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SCRIPTS } from './scripts/index.js';
import { eventually, type Fleet, soon, startFleet, succeed } from './testing/fleet.js';
import { sampleSubmission } from './testing/sample-job.js';

/** What clients send to Redis, but not what scripts do there: scripts by our name or BullMQ's, others by the command. */
async function commandsOf(fleet: Fleet, act: () => Promise<unknown>): Promise<readonly string[]> {
  const monitor = await fleet.raw.monitor();
  const sent: string[] = [];
  const names = new Map(SCRIPTS.map(({ name, lua }) => [createHash('sha1').update(lua).digest('hex'), name]));
  monitor.on('monitor', (_at: string, [command = '', sha = '']: string[], source: string) => {
    if (source !== 'lua')
      sent.push(command.toLowerCase() === 'evalsha' ? (names.get(sha) ?? 'bullmq') : command.toLowerCase());
  });
  await delay(50);
  await act();
  await delay(200);
  monitor.disconnect();
  return sent;
}

describe('the queue', { timeout: 60_000 }, () => {
  it('carries a job from submission to its result', async () => {
    await using fleet = await startFleet();
    fleet.work(succeed);
    const { jobId, created, position } = await fleet.queue.submit(sampleSubmission());
    expect({ created, position }).toEqual({ created: true, position: 0 });
    const result = await fleet.queue.waitForResult('acme', jobId, soon());
    expect(result).toMatchObject({ jobId, attempt: 1, outcome: { type: 'exited', exitCode: 0 } });
    const job = await fleet.queue.get('acme', jobId);
    expect(job).toMatchObject({ state: 'ended', attempt: 1, outcome: 'exited', queue: null, result });
    expect(fleet.faults).toEqual([]);
  });

  it('takes few commands for it: those that README.md counts', async () => {
    const never = 60_000;
    await using fleet = await startFleet({
      janitorIntervalMs: never,
      stalledIntervalMs: never,
      lockRenewMs: never,
    });
    const run = async () => {
      const { jobId } = await fleet.queue.submit(sampleSubmission());
      await fleet.queue.waitForResult('acme', jobId, soon());
    };
    await fleet.queue.submit(sampleSubmission());
    expect(await commandsOf(fleet, () => fleet.queue.submit(sampleSubmission()))).toEqual([
      'fumehoodSubmit',
      'bullmq', // add
      'fumehoodAdded',
    ]);
    fleet.work();
    await run();
    await delay(200);
    const all = await commandsOf(fleet, run);
    const reader = ['subscribe', 'unsubscribe', 'hmget'];
    expect(all.filter((name) => !reader.includes(name)).sort()).toEqual(
      [
        ...['fumehoodSubmit', 'bullmq', 'fumehoodAdded'],
        ...['bullmq', 'fumehoodClaim', 'fumehoodBegin', 'fumehoodEnd', 'bullmq'], // fetch … complete
        ...['bullmq', 'bzpopmin', 'bullmq', 'bzpopmin'], // looking for the next one, and waiting for it
      ].sort(),
    );
  });

  it('keeps all keys under its prefix, and two fleets apart', async () => {
    await using fleet = await startFleet();
    const other = await fleet.connect({ prefix: '{other}' });
    const { jobId } = await other.submit(sampleSubmission());
    expect(await fleet.queue.get('acme', jobId)).toBeUndefined();
    expect(await other.get('acme', jobId)).toBeDefined();
    for (const key of await fleet.raw.keys('*')) expect(key).toMatch(/^\{(?:fumehood|other)\}:/);
    await expect(fleet.connect({ prefix: 'fumehood' })).rejects.toMatchObject({ code: 'misconfigured' });
  });

  it('works where Redis is a cluster: every command stays in one slot', async () => {
    await using fleet = await startFleet({}, ['--cluster-enabled', 'yes']);
    await fleet.raw.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () =>
      /cluster_state:ok/.test(String(await fleet.raw.call('CLUSTER', 'INFO'))) ? true : undefined,
    );
    fleet.work();
    const { jobId } = await fleet.queue.submit(sampleSubmission({ idempotencyKey: 'k', retentionMs: 300 }));
    expect(await fleet.queue.waitForResult('acme', jobId, soon())).toMatchObject({
      outcome: { type: 'exited' },
    });
    expect((await fleet.queue.list('acme', { limit: 1 })).jobs).toHaveLength(1);
    await eventually(async () => ((await fleet.queue.get('acme', jobId)) === undefined ? true : undefined));
    const canceled = await fleet.queue.submit(sampleSubmission({ queueTimeoutMs: 60_000 }));
    await fleet.queue.cancel('acme', canceled.jobId);
    const crossed = fleet.faults.filter((fault) => /CROSSSLOT|slot/.test(String(fault)));
    expect(crossed).toEqual([]);
  });

  it('cannot be connected without Redis, and says so soon', async () => {
    await using fleet = await startFleet();
    await expect(fleet.connect({ redisUrl: '/nowhere/redis.sock' })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('with patience waits for a Redis that is away, without it fails at once', async () => {
    await using fleet = await startFleet({}, ['--appendfsync', 'always']);
    const patient = await fleet.connect({ patience: 'wait' });
    await fleet.redis.stop();
    await eventually(() =>
      fleet.queue.depth().then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    const depth = patient.depth();
    const began = performance.now();
    for (const call of [
      () => fleet.queue.submit(sampleSubmission()),
      () => fleet.queue.get('acme', 'x'),
      () => fleet.queue.list('acme', { limit: 1 }),
      () => fleet.queue.cancel('acme', 'x'),
      () => fleet.queue.purge('acme', 'x'),
      () => fleet.queue.waitForResult('acme', 'x', soon()),
      () => fleet.queue.artifact('acme', 'x', 'y'),
      () => fleet.queue.workers(),
      () => fleet.queue.auditStore.writers(),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(performance.now() - began).toBeLessThan(2_000);
    await fleet.redis.start();
    expect(await depth).toMatchObject({ queued: 0 });
    await eventually(() => fleet.queue.depth().catch(() => undefined));
  });

  it('needs no more rights than an ordinary user of its prefix can have', async () => {
    await using fleet = await startFleet();
    const rights =
      '~{fumehood}* &{fumehood}* +@read +@write +@connection +@scripting +@blocking +@pubsub +@fast -@dangerous +info +client|list +client|setname';
    await fleet.raw.call('ACL', 'SETUSER', 'fleet', 'on', '>secret', ...rights.split(' '));
    await fleet.raw.call('ACL', 'SETUSER', 'default', 'resetpass', '>admin');
    const queue = await fleet.connect({ redisUrl: `${fleet.redis.url}?username=fleet&password=secret` });
    const stop = new AbortController();
    const done = queue.consume(
      {
        workerId: 'w',
        admission: {
          room: async () => undefined,
          reserve: async () => ({ async [Symbol.asyncDispose]() {} }),
        },
        onRejected: () => undefined,
        signal: stop.signal,
      },
      succeed,
    );
    const { jobId } = await queue.submit(sampleSubmission());
    expect(await queue.waitForResult('acme', jobId, soon())).toMatchObject({ outcome: { type: 'exited' } });
    expect((await queue.health()).filter(({ ok }) => !ok)).toEqual([]);
    stop.abort();
    await done;
  });
});
