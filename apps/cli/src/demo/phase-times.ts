import type { Result } from '@fumehood/schema';
import { formatMs } from '../terminal/format.js';
import { type Column, table } from '../terminal/table.js';

/** A finished job and the time that its client waited for it. */
export interface TimedResult {
  readonly result: Result;
  readonly totalMs: number;
}

/** The smallest of the values that at least `share` of them do not pass. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const PHASES = [
  ['waiting in the queue', ({ result }) => result.timings.phasesMs.queue],
  ['making the sandbox', ({ result }) => result.timings.phasesMs.acquire],
  ['putting files in', ({ result }) => result.timings.phasesMs.files],
  ['collecting artifacts', ({ result }) => result.timings.phasesMs.collect],
  ['all but the run itself', ({ result, totalMs }) => totalMs - (result.timings.phasesMs.run ?? 0)],
] as const satisfies readonly (readonly [string, (timed: TimedResult) => number | null])[];

const COLUMNS: readonly Column[] = [
  { title: 'phase' },
  { title: 'p50', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'jobs', align: 'right' },
];

/** How long each phase took, as a table. */
export function phaseTable(timed: readonly TimedResult[]): readonly string[] {
  const rows = PHASES.map(([name, read]) => {
    const values = timed.map(read).filter((value) => value !== null);
    const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
    return [
      name,
      p50 === undefined ? '-' : formatMs(p50),
      p95 === undefined ? '-' : formatMs(p95),
      String(values.length),
    ];
  });
  return table(COLUMNS, rows);
}
