import { hostname } from 'node:os';
import type { IsolationTier, Runtime, WorkerHeartbeat } from '@fumehood/schema';
import type { Admission } from './admission.js';

export interface PresenceOptions {
  readonly workerId: string;
  readonly version: string;
  readonly driver: string;
  readonly isolation: readonly IsolationTier[];
  readonly runtimes: () => ReadonlyMap<string, Runtime>;
  readonly admission: Admission;
}

/** What the registry is told of this worker: who it is, and what it is doing right now. */
export interface Presence {
  state: WorkerHeartbeat['state'];
  /** Counts a job in; disposing counts it out as finished. */
  job(jobId: string): Disposable;
  heartbeat(): WorkerHeartbeat;
}

export function createPresence(options: PresenceOptions): Presence {
  const startedAt = new Date().toISOString();
  const running = new Set<string>();
  let finished = 0;
  return {
    state: 'starting',
    job(jobId) {
      running.add(jobId);
      return {
        [Symbol.dispose]() {
          if (running.delete(jobId)) finished++;
        },
      };
    },
    heartbeat() {
      return {
        workerId: options.workerId,
        host: hostname(),
        version: options.version,
        state: this.state,
        startedAt,
        at: new Date().toISOString(),
        driver: options.driver,
        isolation: [...options.isolation],
        egress: false,
        runtimes: Object.fromEntries(
          [...options.runtimes()].map(([name, runtime]) => [name, runtime.imageDigest]),
        ),
        capacity: { ...options.admission.capacity },
        committed: { ...options.admission.committed() },
        running: [...running],
        finished,
      };
    },
  };
}
