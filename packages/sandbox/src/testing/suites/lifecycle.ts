import { describe, expect, it } from 'vitest';
import { type Bench, runIn } from '../bench.js';

export function describeLifecycle(bench: Bench): void {
  describe('a sandbox', () => {
    it('has an id of its own and says what runs it', async () => {
      await using one = await bench.acquire();
      await using other = await bench.acquire();
      expect(one.id).not.toBe(other.id);
      expect(one.isolation.tier).toBe(bench.profile.isolation);
      expect(one.isolation.runtime).not.toBe('');
    });

    it('runs one command and no second', async () => {
      await using sandbox = await bench.acquire();
      expect((await runIn(sandbox, { argv: ['true'] })).outcome).toEqual({ type: 'exited', exitCode: 0 });
      await expect(runIn(sandbox, { argv: ['true'] })).rejects.toThrow(TypeError);
    });

    it('may be disposed twice, and runs nothing after that', async () => {
      const sandbox = await bench.acquire();
      await Promise.all([sandbox[Symbol.asyncDispose](), sandbox[Symbol.asyncDispose]()]);
      await expect(runIn(sandbox, { argv: ['true'] })).rejects.toThrow(TypeError);
    });

    it('may wait before it is used', async () => {
      await using sandbox = await bench.acquire();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await runIn(sandbox, { argv: ['echo', 'hi'] })).stdout).toBe('hi\n');
    });

    it('is not taken for one that a dead worker left', async () => {
      await using sandbox = await bench.acquire();
      expect(await bench.driver.reap()).not.toContain(sandbox.id);
      expect((await runIn(sandbox, { argv: ['echo', 'hi'] })).stdout).toBe('hi\n');
    });

    it('is not made when the signal was aborted', async () => {
      const reason = new Error('shutting down');
      const acquired = bench.driver.acquire(bench.profile, AbortSignal.abort(reason));
      await expect(acquired).rejects.toBe(reason);
    });

    it('is not made when the signal aborts meanwhile', async () => {
      const abort = new AbortController();
      const reason = new Error('shutting down');
      const acquired = bench.driver.acquire(bench.profile, abort.signal);
      abort.abort(reason);
      await expect(acquired).rejects.toBe(reason);
    });

    it('tells its evidence in numbers that fit together', async () => {
      const ran = await bench.sh('echo hi; sleep 0.1');
      expect(ran.startedAt.getTime()).toBeLessThanOrEqual(ran.firstOutputAt?.getTime() ?? 0);
      expect(ran.firstOutputAt?.getTime()).toBeLessThanOrEqual(ran.finishedAt.getTime());
      for (const ms of Object.values(ran.phasesMs)) expect(ms).toBeGreaterThanOrEqual(0);
      for (const used of Object.values(ran.usage)) expect(used ?? 0).toBeGreaterThanOrEqual(0);
    });
  });

  describe('sandboxes side by side', () => {
    it('do not mix their files, output or endings', async () => {
      const all = await Promise.all(
        [1, 2, 3, 4].map((n) =>
          bench.sh(
            `cat in; echo $0 $1; sleep 0.1; ls; echo ${n} > own; exit ${n}`,
            { files: { in: `file ${n}\n` } },
            `${n}`,
          ),
        ),
      );
      for (const [index, ran] of all.entries()) {
        const n = index + 1;
        expect(ran.outcome).toEqual({ type: 'exited', exitCode: n });
        expect(ran.stdout).toBe(`file ${n}\nsh ${n}\nin\n`);
      }
    });
  });
}
