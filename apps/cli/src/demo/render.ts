import type { Result } from '@fumehood/schema';
import { describeOutcome } from '../commands/exit-code.js';
import { formatBytes, formatMs } from '../terminal/format.js';
import type { Paint } from '../terminal/paint.js';
import { excerpt, printable } from '../terminal/printable.js';
import { type Column, table } from '../terminal/table.js';
import { textOf } from './judge.js';
import type { FinishedDemoJob } from './run-demo-job.js';

const mark = (good: boolean, paint: Paint) => (good ? paint.green('✔') : paint.red('✘'));
const orDash = <T>(value: T | null | undefined, format: (value: T) => string) =>
  value == null ? '-' : format(value);

/** A job that has ended: what it was, how it ended, what it said. */
export function renderJob(
  { job, result, totalMs, faults, saved }: FinishedDemoJob,
  paint: Paint,
): readonly string[] {
  const title = `${paint.bold(job.name)} ${paint.dim(job.title)}`;
  const lines = [`  ${mark(faults.length === 0, paint)} ${title}`];
  const bar = paint.dim('    │ ');
  for (const line of excerpt(textOf(result.stdout))) lines.push(bar + line);
  if (faults.length > 0)
    for (const line of excerpt(textOf(result.stderr))) lines.push(bar + paint.yellow(line));
  const ended = `${describeOutcome(result.outcome)} after ${formatMs(result.timings.phasesMs.run ?? totalMs)}`;
  lines.push(`    ${paint.cyan(ended)}  ${paint.dim([...facts(result)].join(' · '))}`);
  for (const fault of faults) lines.push(`    ${paint.red(fault)}`);
  if (faults.length > 0) lines.push(`    ${printable(result.hint)}`);
  for (const file of saved) lines.push(`    ${paint.green('saved')} ${file}`);
  return lines;
}

/** What the host saw that is worth telling. */
function* facts(result: Result): Generator<string> {
  const { evidence, stdout } = result;
  if (stdout.omittedBytes > 0) yield `${formatBytes(stdout.totalBytes)} of output`;
  if (evidence === null) return;
  const { cpuTimeMs, memoryPeakBytes, oomKills, pidsPeak, pidsRefusals } = evidence.usage;
  yield `CPU ${formatMs(cpuTimeMs)}`;
  if (memoryPeakBytes !== null)
    yield `memory ${formatBytes(memoryPeakBytes)} of ${formatBytes(evidence.limits.memoryBytes)}`;
  if (oomKills) yield `${oomKills} killed for memory`;
  if (pidsRefusals) yield `${pidsPeak ?? '?'} processes, ${pidsRefusals.toLocaleString('en')} forks refused`;
}

const SUMMARY: readonly Column[] = [
  { title: ' ' },
  { title: 'job' },
  { title: 'outcome' },
  { title: 'expected' },
  { title: 'queue', align: 'right' },
  { title: 'sandbox', align: 'right' },
  { title: 'run', align: 'right' },
  { title: 'total', align: 'right' },
  { title: 'memory', align: 'right' },
];

/** All jobs, a line each. */
export function renderSummary(jobs: readonly FinishedDemoJob[], paint: Paint): readonly string[] {
  const rows = jobs.map(({ job, result, totalMs, faults }) => {
    const { queue, acquire, run } = result.timings.phasesMs;
    return [
      mark(faults.length === 0, paint),
      job.name,
      describeOutcome(result.outcome),
      describeOutcome(job.expect.outcome),
      orDash(queue, formatMs),
      orDash(acquire, formatMs),
      orDash(run, formatMs),
      formatMs(totalMs),
      orDash(result.evidence?.usage.memoryPeakBytes, formatBytes),
    ];
  });
  const [head = '', ...lines] = table(SUMMARY, rows);
  return [paint.dim(head), ...lines].map((line) => `  ${line}`);
}
