import type { WorkerHeartbeat } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { startFleet } from './testing/fleet.js';

const heartbeat = (workerId: string): WorkerHeartbeat => ({
  workerId,
  host: 'host',
  version: '0.1.0',
  state: 'ready',
  startedAt: '2026-01-01T00:00:00.000Z',
  at: '2026-01-01T00:00:05.000Z',
  driver: 'fake',
  isolation: ['container'],
  egress: false,
  runtimes: {},
  capacity: { cpus: 2, memoryBytes: 1024 },
  committed: { cpus: 0, memoryBytes: 0 },
  running: [],
  finished: 0,
});

describe('the worker registry', () => {
  it('holds who lives: not who retired, nor who has been silent', async () => {
    await using fleet = await startFleet();
    expect(await fleet.queue.workers()).toEqual([]);
    for (const id of ['a', 'b', 'c']) await fleet.queue.heartbeat(heartbeat(id));
    await fleet.queue.heartbeat({ ...heartbeat('a'), finished: 3 });
    const workers = await fleet.queue.workers();
    expect(workers.map(({ workerId }) => workerId).sort()).toEqual(['a', 'b', 'c']);
    expect(workers.find(({ workerId }) => workerId === 'a')?.finished).toBe(3);
    expect(await fleet.raw.pttl('{fumehood}:worker:a')).toBeGreaterThan(14_000);

    await fleet.queue.retire('b');
    await fleet.raw.pexpire('{fumehood}:worker:c', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await fleet.queue.workers()).map(({ workerId }) => workerId)).toEqual(['a']);
    expect(await fleet.raw.zcard('{fumehood}:workers')).toBe(1);
  });
});
