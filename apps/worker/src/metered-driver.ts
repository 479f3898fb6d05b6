import type { SandboxDriver } from '@fumehood/sandbox';

/** What the meter tells; `main.ts` turns it into metrics. Durations in milliseconds. */
export interface DriverMeter {
  acquiring(): void;
  acquired(): void;
  acquireFailed(error: unknown): void;
  runFailed(error: unknown): void;
  disposing(): void;
  disposed(runtime: string, disposeMs: number): void;
  reaped(count: number): void;
}

/** A driver that measures the one inside. */
export function meteredDriver(inner: SandboxDriver, meter: DriverMeter): SandboxDriver {
  return {
    name: inner.name,
    async acquire(profile, signal) {
      meter.acquiring();
      const sandbox = await inner.acquire(profile, signal).catch((error: unknown) => {
        meter.acquireFailed(error);
        throw error;
      });
      meter.acquired();
      let disposal: Promise<void> | undefined;
      const dispose = async () => {
        meter.disposing();
        const began = performance.now();
        await sandbox[Symbol.asyncDispose]();
        meter.disposed(profile.runtime, performance.now() - began);
      };
      return {
        id: sandbox.id,
        isolation: sandbox.isolation,
        run: (command, io) =>
          sandbox.run(command, io).catch((error: unknown) => {
            meter.runFailed(error);
            throw error;
          }),
        [Symbol.asyncDispose]: () => (disposal ??= dispose()),
      };
    },
    async reap() {
      const ids = await inner.reap();
      meter.reaped(ids.length);
      return ids;
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
