import { describe, expect } from 'vitest';
import type { Bench } from '../bench.js';

const MIB = 1024 * 1024;
/** Reads the given number of MiB into the memory of one process: without a newline `tail` keeps all of it. */
const hoard = (mib: number) => `head -c ${mib}M /dev/zero | tail`;

export function describeResources(bench: Bench): void {
  describe('memory', () => {
    const itLimits = bench.itWith('memory');
    const profileLimits = { memoryBytes: 64 * MIB };
    const exceeded = { type: 'limit_exceeded', limit: 'memory' };

    itLimits('ends a job that takes more than its limit, by what the kernel says', async () => {
      const ran = await bench.sh(hoard(256), { profileLimits });
      expect(ran.outcome).toEqual(exceeded);
      expect(ran.usage.oomKills).toBeGreaterThan(0);
      expect(ran.usage.memoryPeakBytes ?? 0).toBeLessThanOrEqual(64 * MIB);
    });

    itLimits('ends a job whose child was killed, though its main process exits in peace', async () => {
      const ran = await bench.sh(`(${hoard(256)}) > /dev/null 2>&1; exit 0`, { profileLimits });
      expect(ran.outcome).toEqual(exceeded);
    });

    itLimits('is counted over all processes', async () => {
      const ran = await bench.sh(`for n in 1 2 3; do ${hoard(30)} | sleep 3 & done; wait`, {
        profileLimits,
      });
      expect(ran.outcome).toEqual(exceeded);
    });

    itLimits('under the limit is fine, and its peak is told', async () => {
      const ran = await bench.sh(`${hoard(24)} | wc -c`, { profileLimits });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: `${24 * MIB}\n` });
      expect(ran.usage.memoryPeakBytes ?? 24 * MIB).toBeGreaterThanOrEqual(24 * MIB);
    });

    itLimits('is used by files, too', async () => {
      const ran = await bench.sh('head -c 200M /dev/zero > big; wc -c < big', {
        profileLimits: { ...profileLimits, workspaceBytes: 256 * MIB, fileSizeBytes: 256 * MIB },
      });
      expect(ran.outcome).toEqual(exceeded);
    });

    itLimits('can not be taken from the host by way of /dev/shm', async () => {
      const ran = await bench.sh('head -c 200M /dev/zero 2>/dev/null > /dev/shm/x; wc -c < /dev/shm/x', {
        profileLimits,
      });
      if (ran.outcome.type === 'exited') expect(Number(ran.stdout)).toBeLessThan(64 * MIB);
      else expect(ran.outcome).toEqual(exceeded);
    });
  });

  describe('processes', () => {
    const itLimits = bench.itWith('pids');
    const profileLimits = { pids: 24 };

    itLimits('are limited in number: a fork bomb fizzles out', async () => {
      const ran = await bench.sh('bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 1', {
        profileLimits,
        limits: { wallTimeMs: 3_000 },
      });
      expect(['exited', 'limit_exceeded']).toContain(ran.outcome.type);
      expect(ran.usage.pidsPeak ?? 0).toBeLessThanOrEqual(24);
      expect(ran.usage.pidsRefusals ?? 1).toBeGreaterThan(0);
    });

    itLimits('that nobody waits for are reaped', async () => {
      const ran = await bench.sh('n=0; while [ $n -lt 300 ]; do (true &); n=$((n+1)); done; echo $n', {
        profileLimits,
      });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: '300\n' });
    });
  });

  describe('files', () => {
    const itLimits = bench.itWith('rlimits');
    const itStores = bench.itWith('storage');

    itLimits('open at once are limited, and the limit can not be raised', async () => {
      const ran = await bench.sh('ulimit -n; ulimit -n 4096 2>/dev/null || echo refused', {
        profileLimits: { openFiles: 40 },
      });
      expect(ran.stdout).toBe('40\nrefused\n');
    });

    itLimits('are limited in size', async () => {
      const ran = await bench.sh('head -c 3M /dev/zero > big; echo $?; wc -c < big', {
        profileLimits: { fileSizeBytes: MIB },
      });
      expect(ran.stdout).toMatch(new RegExp(`^(?!0\\n)\\d+\\n${MIB}\\n$`));
    });

    itLimits('are not written by a crash', async () => {
      const ran = await bench.sh(`sh -c 'kill -SEGV $$' 2>/dev/null; ls -A`);
      expect(ran.stdout).toBe('');
    });

    itStores.each(['.', '/tmp'])(
      'in %s are limited in bytes together, and the job goes on',
      async (directory) => {
        const ran = await bench.sh(
          `cd ${directory}; head -c 8M /dev/zero > big; echo $?; wc -c < big; rm big; echo x > ok`,
          {
            profileLimits: { workspaceBytes: 2 * MIB },
          },
        );
        const [status, bytes] = ran.stdout.split('\n').map(Number);
        expect(status).toBeGreaterThan(0);
        expect(bytes).toBeLessThanOrEqual(2 * MIB);
        expect(ran.stderr).toContain('No space left on device');
        expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
      },
    );

    itStores.each(['.', '/tmp'])('in %s are limited in number', async (directory) => {
      const script = 'n=0; while [ $n -lt 500 ] && touch f$n 2>/dev/null; do n=$((n+1)); done; echo $n';
      const ran = await bench.sh(`cd ${directory}; ${script}`, { profileLimits: { workspaceInodes: 100 } });
      expect(Number(ran.stdout)).toBeGreaterThan(50);
      expect(Number(ran.stdout)).toBeLessThanOrEqual(100);
    });
  });
}
