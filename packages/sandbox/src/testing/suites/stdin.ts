import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.js';

export function describeStdin(bench: Bench): void {
  describe('standard input', () => {
    it('is empty and ended when there is none', async () => {
      expect((await bench.sh('wc -c')).stdout.trim()).toBe('0');
    });

    it('comes whole and ends', async () => {
      expect((await bench.run({ argv: ['cat'], stdin: 'a\0b\n😀' })).stdout).toBe('a\0b\n😀');
    });

    it('may be larger than any buffer on its way', async () => {
      const stdin = Buffer.alloc(3_000_000, 'lorem ipsum ');
      const ran = await bench.run({ argv: ['cat'], stdin });
      expect(ran.stdoutBytes).toBe(stdin.length);
      expect(ran.stdout === stdin.toString()).toBe(true);
    });

    it('need not be read', async () => {
      const ran = await bench.sh('echo done', { stdin: Buffer.alloc(3_000_000) });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'done\n' });
    });

    it('may be closed by the program', async () => {
      const ran = await bench.sh('exec <&-; sleep 0.2; echo done', { stdin: Buffer.alloc(3_000_000) });
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'done\n' });
    });

    it('that is not read keeps nobody from ending the job', async () => {
      const ran = await bench.sh('sleep 60', { stdin: Buffer.alloc(3_000_000), limits: { wallTimeMs: 300 } });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
    });

    it('is read slowly without loss', async () => {
      const stdin = Buffer.alloc(1_000_000, 'x');
      const ran = await bench.sh(
        'while head -c 50000 | grep -q x; do sleep 0.01; n=$((n+1)); done; echo $n',
        { stdin },
      );
      expect(Number(ran.stdout)).toBeGreaterThan(0);
    });
  });
}
