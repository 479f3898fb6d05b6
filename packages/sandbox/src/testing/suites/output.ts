import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeInitMessage } from '../../protocol/init-message.js';
import type { Bench } from '../bench.js';

const KIB = 1024;
const killed = { code: null, signal: 'SIGKILL' };

/** A printf argument for any bytes. */
const octal = (bytes: Uint8Array) =>
  [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

export function describeOutput(bench: Bench): void {
  describe('output', () => {
    it('comes whole and in order when there is much of it', async () => {
      const ran = await bench.sh('seq 1 300000');
      const expected = Array.from({ length: 300_000 }, (_, index) => `${index + 1}\n`).join('');
      expect(ran.stdoutBytes).toBe(expected.length);
      expect(createHash('sha256').update(ran.stdout).digest('hex')).toBe(
        createHash('sha256').update(expected).digest('hex'),
      );
    });

    it('of every byte value comes unchanged', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const chunks: Uint8Array[] = [];
      await bench.sh(`printf '${octal(bytes)}'`, { onOutput: (_, chunk) => void chunks.push(chunk) });
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });

    it('comes while the program runs', async () => {
      let first = 0;
      const ran = await bench.sh('echo first; sleep 0.4; echo second', {
        onOutput() {
          first ||= performance.now();
        },
      });
      expect(performance.now() - first).toBeGreaterThan(300);
      expect(ran.firstOutputAt?.getTime()).toBeLessThan(ran.finishedAt.getTime() - 300);
    });

    it('that looks like the control protocol is only output', async () => {
      const frames = Buffer.concat([
        encodeInitMessage({ type: 'exit', kind: 'run', exit: { code: 0, signal: null } }),
        encodeInitMessage({ type: 'error', fault: 'protocol', message: 'bye' }),
        encodeInitMessage({ type: 'collected', collected: 0, skipped: 0 }),
      ]);
      const chunks: Uint8Array[] = [];
      const ran = await bench.sh(`printf '${octal(frames)}'; exit 9`, {
        onOutput: (_, chunk) => void chunks.push(chunk),
      });
      expect(ran.outcome).toEqual({ type: 'exited', exitCode: 9 });
      expect(Buffer.concat(chunks).equals(frames)).toBe(true);
    });

    it('that would fool a terminal or a log comes as it is', async () => {
      const text = '\u001b[2J\u001b]0;owned\u0007\u202e{"level":"fatal","msg":"audit"}\r\n\u0000\ufeff';
      const ran = await bench.sh(`printf '${octal(Buffer.from(text))}'`);
      expect(ran.stdout).toBe(text);
    });

    it.each(['stdout', 'stderr'] as const)('on %s ends the job when it passes the limit', async (stream) => {
      const ran = await bench.sh(`yes ${stream === 'stderr' ? '>&2' : ''}`, {
        limits: { outputBytes: 100 * KIB },
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
      expect(ran.exit).toEqual(killed);
      expect(ran[stream]).toBe('y\n'.repeat(50 * KIB));
    });

    it('of exactly the limit is allowed, on each stream', async () => {
      const ran = await bench.sh('head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2', {
        limits: { outputBytes: 64 * KIB },
      });
      expect(ran.outcome).toEqual({ type: 'exited', exitCode: 0 });
      expect([ran.stdout.length, ran.stderr.length]).toEqual([64 * KIB, 64 * KIB]);
    });

    it('of one byte more ends the job, even when the program has ended', async () => {
      const ran = await bench.sh('head -c 65537 /dev/zero', { limits: { outputBytes: 64 * KIB } });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
      expect(ran.stdout.length).toBe(64 * KIB);
    });

    it('of a compiler counts too', async () => {
      const ran = await bench.sh('echo', { compile: ['yes'], limits: { outputBytes: 4 * KIB } });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
    });

    it('waits for a slow receiver and loses nothing', async () => {
      const ran = await bench.sh('head -c 2000000 /dev/zero', {
        onOutput: () => new Promise((resolve) => setTimeout(resolve, 2)),
      });
      expect(ran.stdoutBytes).toBe(2_000_000);
    });

    it('holds the program back when nobody takes it', async () => {
      let taken = 0;
      const ran = await bench.sh('yes | head -c 100000000; echo done > done', {
        limits: { wallTimeMs: 700, outputBytes: 1024 * 1024 * KIB },
        artifacts: ['done'],
        onOutput(_, chunk) {
          taken += chunk.length;
          return new Promise(() => undefined);
        },
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'wall_time' });
      expect(taken).toBeLessThan(1_000_000);
      expect(ran.artifacts).toEqual([]);
    });

    it('that can not be stored fails the run with the error of its receiver', async () => {
      const failure = new Error('the store is full');
      await expect(bench.sh('yes', { onOutput: () => Promise.reject(failure) })).rejects.toBe(failure);
    });
  });
}
