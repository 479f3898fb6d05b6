import type { Limits } from '@fumehood/schema';

/** What a host can promise to jobs, and what jobs were promised. Memory in bytes; CPUs may be fractions. */
export interface Resources {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Honest admission: a job runs only when its promised memory and CPUs are free. First come, first served, so a large job is not starved. */
export interface Admission {
  readonly capacity: Resources;
  committed(): Resources;
  /** Resolves when nothing waits for room and some of it is free: the moment to take another job. Rejects with `signal.reason`. */
  room(signal: AbortSignal): Promise<void>;
  /** Resolves when the job fits; disposing the grant frees it. Rejects with `signal.reason`. */
  reserve(limits: Pick<Limits, 'cpus' | 'memoryBytes'>, signal: AbortSignal): Promise<Disposable>;
  /** Whether a job of this size would ever fit on this host. */
  fits(limits: Pick<Limits, 'cpus' | 'memoryBytes'>): boolean;
}

/** What a container costs beside its job's own memory: the runtime's shim and the worker's buffers. */
export const OVERHEAD_BYTES = 16 * 1024 * 1024;

/** Less than this free, and no further job is taken: the smallest that a policy can promise. */
const SMALLEST: Resources = { cpus: 0.05, memoryBytes: 16 * 1024 * 1024 + OVERHEAD_BYTES };

interface Waiter {
  readonly needs: Resources;
  admit(): void;
}

export function createAdmission(capacity: Resources): Admission {
  let cpus = 0;
  let memoryBytes = 0;
  const waiting: Waiter[] = [];
  const roomWaiters = new Set<() => void>();

  const fitsNow = (needs: Resources) =>
    cpus + needs.cpus <= capacity.cpus + 1e-9 && memoryBytes + needs.memoryBytes <= capacity.memoryBytes;
  const hasRoom = () => waiting.length === 0 && fitsNow(SMALLEST);

  const settle = () => {
    for (let next = waiting[0]; next !== undefined && fitsNow(next.needs); next = waiting[0]) {
      waiting.shift();
      cpus += next.needs.cpus;
      memoryBytes += next.needs.memoryBytes;
      next.admit();
    }
    if (hasRoom()) for (const wake of [...roomWaiters]) wake();
  };

  const grant = (needs: Resources): Disposable => {
    let held = true;
    return {
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        cpus -= needs.cpus;
        memoryBytes -= needs.memoryBytes;
        settle();
      },
    };
  };

  return {
    capacity,
    committed: () => ({ cpus: Math.round(cpus * 1000) / 1000, memoryBytes }),
    fits: (limits) =>
      limits.cpus <= capacity.cpus && limits.memoryBytes + OVERHEAD_BYTES <= capacity.memoryBytes,
    room(signal) {
      return waitFor(signal, (resolve) => {
        if (hasRoom()) {
          resolve();
          return () => {};
        }
        roomWaiters.add(resolve);
        return () => roomWaiters.delete(resolve);
      });
    },
    async reserve(limits, signal) {
      const needs = { cpus: limits.cpus, memoryBytes: limits.memoryBytes + OVERHEAD_BYTES };
      await waitFor(signal, (resolve) => {
        const waiter = { needs, admit: resolve };
        waiting.push(waiter);
        settle();
        return () => {
          const index = waiting.indexOf(waiter);
          if (index >= 0) waiting.splice(index, 1);
          settle();
        };
      });
      return grant(needs);
    },
  };
}

/** A promise that `start` resolves; its clean-up runs once, on either end. */
async function waitFor(signal: AbortSignal, start: (resolve: () => void) => () => void): Promise<void> {
  signal.throwIfAborted();
  let cleanUp = () => {};
  let onAbort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      cleanUp = start(resolve);
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    cleanUp();
  }
}
