import { type Container, type Counters, NOTHING_COUNTED } from '../container-engine.js';
import { SandboxError } from '../sandbox-error.js';
import { withTimeLimit } from './time-limit.js';

/** A container that is about to be destroyed waits no longer than this for the last reading. */
const LAST_READING_MS = 100;

/** What the job has used: the container's counters, from where they stood before the command began. */
export class Meter {
  readonly #container: Container;
  #zero: Counters | undefined;
  #latest: Counters | undefined;
  #turn = 0;
  #latestTurn = 0;

  constructor(container: Container) {
    this.#container = container;
  }

  /** What starting the sandbox and storing the files took is not the job's: counts from here. */
  async zero(): Promise<void> {
    this.#zero = await this.#container.counters();
  }

  /** Rejects with SandboxError, `began` true. */
  async read(): Promise<Counters> {
    const turn = ++this.#turn;
    const counters = await this.#container.counters().catch((cause: unknown) => {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new SandboxError('counters_unreadable', message, { began: true, cause });
    });
    // A slow reading must not hide a later one.
    if (turn > this.#latestTurn) {
      this.#latestTurn = turn;
      this.#latest = counters;
    }
    return since(this.#zero ?? counters, counters);
  }

  /** The last good reading. Zeroes and nulls when there never was one. */
  get used(): Counters {
    const latest = this.#latest ?? this.#zero;
    return latest === undefined ? NOTHING_COUNTED : since(this.#zero ?? latest, latest);
  }

  /** Reads once more if that is quickly done. Never rejects. */
  async readBeforeEnd(): Promise<void> {
    await withTimeLimit(LAST_READING_MS, this.read(), () => new Error('too late')).catch(() => undefined);
  }
}

const difference = (latest: number | null, zero: number | null): number | null =>
  latest === null || zero === null ? null : latest - zero;

/** Peaks can't count from anywhere, and a fresh sandbox has no oom kills. */
const since = (zero: Counters, latest: Counters): Counters => ({
  ...latest,
  cpuTimeMs: latest.cpuTimeMs - zero.cpuTimeMs,
  cpuUserMs: difference(latest.cpuUserMs, zero.cpuUserMs),
  cpuSystemMs: difference(latest.cpuSystemMs, zero.cpuSystemMs),
  pidsRefusals: difference(latest.pidsRefusals, zero.pidsRefusals),
  throttledMs: difference(latest.throttledMs, zero.throttledMs),
  throttledPeriods: difference(latest.throttledPeriods, zero.throttledPeriods),
});
