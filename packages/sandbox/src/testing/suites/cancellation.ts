import { describe, expect, it } from 'vitest';
import { type Bench, runIn } from '../bench.js';

export function describeCancellation(bench: Bench): void {
  describe('canceling', () => {
    it('ends a running job, and keeps what it wrote', async () => {
      const abort = new AbortController();
      const ran = await bench.sh('echo begun; echo half > result; sleep 60', {
        signal: abort.signal,
        artifacts: ['result'],
        onOutput: () => void setTimeout(() => abort.abort(), 100),
      });
      expect(ran).toMatchObject({
        outcome: { type: 'canceled' },
        exit: { code: null, signal: 'SIGKILL' },
        stdout: 'begun\n',
        artifacts: [{ path: 'result', bytes: 5 }],
      });
    });

    it('before the run keeps the job from beginning', async () => {
      let recorded = false;
      const ran = await bench.sh('echo begun', {
        signal: AbortSignal.abort(),
        async beforeStart() {
          recorded = true;
        },
      });
      expect(ran).toMatchObject({ outcome: { type: 'canceled' }, exit: null, stdout: '' });
      expect(recorded).toBe(false);
    });

    it('while the start is recorded keeps the job from beginning', async () => {
      const abort = new AbortController();
      const ran = await bench.sh('echo begun', {
        signal: abort.signal,
        beforeStart: async () => abort.abort(),
      });
      expect(ran).toMatchObject({ outcome: { type: 'canceled' }, exit: null, stdout: '' });
    });

    it('after another cause changes nothing', async () => {
      const abort = new AbortController();
      const ran = await bench.sh('yes', {
        signal: abort.signal,
        limits: { outputBytes: 1024 },
        onOutput: () => void setTimeout(() => abort.abort(), 0),
      });
      expect(ran.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
    });

    it('ends a job whose output nobody takes', async () => {
      const abort = new AbortController();
      const ran = await bench.sh('yes', {
        signal: abort.signal,
        onOutput() {
          abort.abort();
          return new Promise(() => undefined);
        },
      });
      expect(ran.outcome).toEqual({ type: 'canceled' });
    });

    it('is what disposal of the sandbox does to a running job', async () => {
      const sandbox = await bench.acquire();
      let disposed: Promise<void> = Promise.resolve();
      const ran = await runIn(sandbox, {
        argv: ['sh', '-c', 'echo begun; sleep 60'],
        onOutput() {
          disposed = Promise.resolve(sandbox[Symbol.asyncDispose]());
        },
      });
      await disposed;
      expect(ran.outcome).toEqual({ type: 'canceled' });
    });
  });
}
