import { describe, expect, it } from 'vitest';
import { startFleet } from './testing/fleet.js';

describe('the health of Redis', { timeout: 60_000 }, () => {
  it('is fine with the append-only file and without eviction', async () => {
    await using fleet = await startFleet();
    const findings = await fleet.queue.health();
    expect(findings.map(({ check, ok, fix }) => [check, ok, fix])).toEqual([
      ['ping', true, ''],
      ['version', true, ''],
      ['maxmemory_policy', true, ''],
      ['persistence', true, ''],
    ]);
  });

  it('is an error when Redis does not answer, with patience as without', async () => {
    await using fleet = await startFleet();
    const patient = await fleet.connect({ patience: 'wait' });
    await fleet.redis.stop();
    for (const queue of [fleet.queue, patient]) {
      expect(await queue.health()).toMatchObject([{ check: 'ping', ok: false, severity: 'error' }]);
    }
  });

  it('is an error with eviction, and a warning without persistence; each says what to do', async () => {
    await using fleet = await startFleet();
    await fleet.raw.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await fleet.raw.config('SET', 'appendonly', 'no');
    const bad = (await fleet.queue.health()).filter(({ ok }) => !ok);
    expect(bad.map(({ check, severity }) => [check, severity])).toEqual([
      ['maxmemory_policy', 'error'],
      ['persistence', 'warning'],
    ]);
    for (const { fix } of bad) expect(fix).not.toBe('');
  });
});
