import type { CauseCell } from './cause.js';
import type { Meter } from './meter.js';

const SHORTEST_WAIT_MS = 20;
/** No oom kill goes unseen for longer. */
const LONGEST_WAIT_MS = 250;
/** Readings that may fail in a row before the limits count as unenforced. */
const FAILED_READINGS = 3;

export interface WatchedLimits {
  readonly wallTimeMs: number;
  readonly cpuTimeMs: number;
  readonly cpus: number;
}

/**
 * Decides when a job has passed its wall-clock or its CPU time, or the kernel has killed for its memory. The counters are looked at
 * no sooner than the CPU time can be used up. Returns what ends the watch.
 */
export function watchLimits(meter: Meter, limits: WatchedLimits, cause: CauseCell): () => void {
  let watching = true;
  let failed = 0;
  let usedMs = 0;
  let timer: NodeJS.Timeout;

  const look = async (): Promise<void> => {
    try {
      const used = await meter.read();
      if (!watching) return;
      failed = 0;
      usedMs = used.cpuTimeMs;
      if ((used.oomKills ?? 0) > 0) cause.decide({ type: 'limit_exceeded', limit: 'memory' });
      else if (usedMs > limits.cpuTimeMs) cause.decide({ type: 'limit_exceeded', limit: 'cpu_time' });
    } catch (error) {
      failed += 1;
      if (watching && failed >= FAILED_READINGS) cause.decide({ type: 'failed', error });
    }
    if (watching && cause.current === undefined) schedule();
  };
  const schedule = (): void => {
    const earliestMs = (limits.cpuTimeMs - usedMs) / limits.cpus;
    timer = setTimeout(look, Math.min(Math.max(earliestMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS));
  };

  schedule();
  const deadline = setTimeout(
    () => cause.decide({ type: 'limit_exceeded', limit: 'wall_time' }),
    limits.wallTimeMs,
  );
  return () => {
    watching = false;
    clearTimeout(timer);
    clearTimeout(deadline);
  };
}
