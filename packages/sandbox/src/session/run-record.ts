import type { Counters } from '../container-engine.js';
import type { RunOutcome, RunResult } from '../driver.js';
import type { Collected } from './collect-artifacts.js';
import type { Ending } from './outcome.js';

/** A moment on both clocks: the wall's for people, the monotonic one for durations. */
interface Moment {
  readonly at: Date;
  readonly ms: number;
}

const now = (): Moment => ({ at: new Date(), ms: performance.now() });

/** What was seen of a run so far. An end by force can come at any point, and makes a result of what there is then. */
export class RunRecord implements Collected {
  readonly artifacts: Collected['artifacts'] = [];
  readonly skippedArtifacts: Collected['skippedArtifacts'] = [];
  readonly #called = now();
  #filesStored: Moment | undefined;
  #started: Moment | undefined;
  #firstOutput: Moment | undefined;
  #ended: Moment | undefined;
  #ending: Ending | undefined;

  get ending(): Ending | undefined {
    return this.#ending;
  }

  filesWereStored(): void {
    this.#filesStored = now();
  }

  commandStarts(): void {
    this.#started = now();
  }

  outputCame(): void {
    this.#firstOutput ??= now();
  }

  programEnded(ending: Ending): void {
    this.#ended = now();
    this.#ending = ending;
  }

  result(outcome: RunOutcome, used: Counters): RunResult {
    const finish = now();
    const ended = this.#ended ?? finish;
    const started = this.#started ?? ended;
    const runMs = ended.ms - started.ms;
    return {
      outcome,
      exit: this.#ending?.exit ?? null,
      usage: { ...used, wallTimeMs: runMs },
      artifacts: this.artifacts,
      skippedArtifacts: this.skippedArtifacts,
      startedAt: started.at,
      firstOutputAt: this.#firstOutput?.at ?? null,
      finishedAt: ended.at,
      phasesMs: {
        files: (this.#filesStored ?? started).ms - this.#called.ms,
        run: runMs,
        collect: finish.ms - ended.ms,
      },
    };
  }
}
