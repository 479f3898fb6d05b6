import { boundedLabel } from './bounded-label.js';
import { counter, gauge } from './instruments.js';
import type { MetricSetup } from './metric-setup.js';
import { scrapeSource } from './scrape-source.js';

export const SANDBOX_STATES = ['acquiring', 'pristine', 'running', 'disposing'] as const;
export type SandboxState = (typeof SANDBOX_STATES)[number];

export interface Resources {
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface WorkerMetrics {
  /** One sandbox went from a state to another; null is before it was, and after. */
  sandboxMoved(from: SandboxState | null, to: SandboxState | null): void;
  sandboxFailed(code: string): void;
  leftoversReaped(count: number): void;
  /** Sets what is asked for the worker's resources at each scrape. */
  resourcesFrom(read: () => { readonly committed: Resources; readonly capacity: Resources }): void;
}

/** The codes of SandboxError are a closed set; a bound costs nothing. */
const MAX_ERROR_CODES = 64;

export function workerMetrics({ registry, scrapeFailed }: MetricSetup): WorkerMetrics {
  const sandboxes = gauge(registry, 'fumehood_sandboxes');
  const errors = counter(registry, 'fumehood_sandbox_errors_total');
  const reaped = counter(registry, 'fumehood_sandbox_leftovers_reaped_total');
  const codeLabel = boundedLabel(MAX_ERROR_CODES);
  const resources = scrapeSource<{ readonly committed: Resources; readonly capacity: Resources }>(() =>
    scrapeFailed('worker_resources'),
  );
  gauge(registry, 'fumehood_worker_cpus', async (cpus) => {
    const current = await resources.current();
    cpus.reset();
    if (current === undefined) return;
    cpus.set({ kind: 'committed' }, current.committed.cpus);
    cpus.set({ kind: 'capacity' }, current.capacity.cpus);
  });
  gauge(registry, 'fumehood_worker_memory_bytes', async (memory) => {
    const current = await resources.current();
    memory.reset();
    if (current === undefined) return;
    memory.set({ kind: 'committed' }, current.committed.memoryBytes);
    memory.set({ kind: 'capacity' }, current.capacity.memoryBytes);
  });
  return {
    sandboxMoved(from, to) {
      if (from !== null) sandboxes.dec({ state: from });
      if (to !== null) sandboxes.inc({ state: to });
    },
    sandboxFailed: (code) => errors.inc({ code: codeLabel(code) }),
    leftoversReaped: (count) => reaped.inc(count),
    resourcesFrom: resources.readFrom,
  };
}
