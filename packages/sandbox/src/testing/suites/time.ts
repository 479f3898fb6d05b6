import { describe, expect, it } from 'vitest';
import type { Bench, Ran } from '../bench.js';

/** No job outlives its wall-clock limit by more, whatever it does. */
const LONGEST_OVERRUN_MS = 1_000;
const WALL_TIME_MS = 400;

export function describeTime(bench: Bench): void {
  const expectOnTime = (ran: Ran) => {
    expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
    expect(ran.usage.wallTimeMs).toBeGreaterThanOrEqual(WALL_TIME_MS - 1);
    expect(ran.usage.wallTimeMs).toBeLessThan(WALL_TIME_MS + LONGEST_OVERRUN_MS);
  };
  const limits = { wallTimeMs: WALL_TIME_MS };

  describe('wall-clock time', () => {
    it.each([
      ['sleeps', 'echo begun; sleep 60'],
      ['spins', 'echo begun; while :; do :; done'],
      ['ignores signals', `echo begun; trap '' TERM INT HUP QUIT ALRM USR1; while :; do sleep 60; done`],
      ['stops itself', 'echo begun; kill -STOP $$'],
      ['spawns without end', 'echo begun; while :; do sleep 0.01 & wait; done'],
      ['leaves its work to a child', 'echo begun; (sleep 60) & wait'],
    ])('ends a program that %s', async (_, script) => {
      const ran = await bench.sh(script, { limits });
      expectOnTime(ran);
      expect(ran.stdout).toBe('begun\n');
      expect(ran.exit).toEqual({ code: null, signal: 'SIGKILL' });
    });

    it('counts compilation', async () => {
      const ran = await bench.sh('echo ran', { compile: ['sleep', '60'], limits });
      expectOnTime(ran);
      expect(ran.stdout).toBe('');
    });

    it('is one budget for compilation and run', async () => {
      const ran = await bench.sh('sleep 60', { compile: ['sleep', '0.25'], limits });
      expectOnTime(ran);
    });

    it('does not run while the start is recorded', async () => {
      const ran = await bench.sh('echo fine', {
        limits: { wallTimeMs: 400 },
        beforeStart: () => new Promise((resolve) => setTimeout(resolve, 600)),
      });
      expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
    });

    it('is told in the evidence', async () => {
      const ran = await bench.sh('sleep 0.3');
      expect(ran.usage.wallTimeMs).toBeGreaterThanOrEqual(300);
      expect(ran.phasesMs.run).toBe(ran.usage.wallTimeMs);
      expect(ran.finishedAt.getTime() - ran.startedAt.getTime()).toBeGreaterThanOrEqual(299);
    });
  });

  describe('CPU time', () => {
    const itCounts = bench.itWith('cpu_time');
    const tight = { cpuTimeMs: 300 };
    const spin = 'while :; do :; done';

    itCounts('ends a program that has used it up', async () => {
      const ran = await bench.sh(spin, { limits: tight });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'cpu_time' });
      expect(ran.usage.cpuTimeMs).toBeGreaterThan(tight.cpuTimeMs);
    });

    itCounts('is that of all processes together, the ended ones too', async () => {
      const short = `n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done`;
      const ran = await bench.sh(`while :; do sh -c '${short}' & sh -c '${short}' & wait; done`, {
        limits: tight,
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'cpu_time' });
    });

    itCounts('is not used up by sleeping', async () => {
      const ran = await bench.sh('sleep 0.8', { limits: { cpuTimeMs: 500 } });
      expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
      expect(ran.usage.cpuTimeMs).toBeLessThan(500);
    });

    itCounts('is no more than the CPUs of the profile allow', async () => {
      const ran = await bench.sh(`${spin} & ${spin} & wait`, {
        limits: { wallTimeMs: 1_000 },
        profileLimits: { cpus: 0.5 },
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
      expect(ran.usage.cpuTimeMs).toBeLessThan(ran.usage.wallTimeMs * 0.5 * 1.05 + 100);
    });
  });
}
