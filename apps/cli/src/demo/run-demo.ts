import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Client, createClient } from '@fumehood/client';
import { CliError } from '../cli-error.js';
import type { Console } from '../terminal/console.js';
import { formatMs } from '../terminal/format.js';
import { readDemoPlan } from './demo-plan.js';
import { phaseTable } from './phase-times.js';
import { renderJob, renderSummary } from './render.js';
import { runBurst } from './run-burst.js';
import { type FinishedDemoJob, runDemoJob } from './run-demo-job.js';

/** A fleet that belongs to the demo. */
export interface DemoFleet extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
}

export interface DemoOptions {
  readonly console: Console;
  /** Whether a line may be written over: standard output is a terminal. */
  readonly interactive: boolean;
  readonly examplesDir: string;
  readonly outputDir: string;
  /** The state folder of `fumehood up`; the demo's fleet has one of its own in it, and borrows its images. */
  readonly stateDir: string;
  /** How this command is called, for what to type next. */
  readonly command: string;
  readonly signal: AbortSignal;
  startFleet(stateDir: string, onProgress: (step: string) => void): Promise<DemoFleet>;
}

/** Starts a fleet, runs the jobs of examples/demo.json through its HTTP API, ends it. True when every job ended as it must. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { console, outputDir } = options;
  const { paint } = console;
  const plan = await readDemoPlan(options.examplesDir);
  const stateDir = await demoStateDir(options.stateDir);
  await rm(outputDir, { recursive: true, force: true });

  const began = performance.now();
  const progress = liveLine(options);
  await using fleet = await options.startFleet(stateDir, (step) => progress(`  ${paint.dim(`… ${step}`)}`));
  progress();
  console.line(
    `  ${paint.green('✔')} A fleet is up at ${fleet.url} ${paint.dim(`(${formatMs(performance.now() - began)})`)}`,
  );

  const client: Client = createClient(fleet);
  const jobOptions = { client, examplesDir: options.examplesDir, outputDir, signal: options.signal };
  const finished: FinishedDemoJob[] = [];
  let section = '';
  for (const job of plan.jobs) {
    const kind = job.file.startsWith('hostile/') ? 'Hostile code' : 'Useful code';
    if (kind !== section) console.line(`\n${paint.bold(kind)}`);
    section = kind;
    progress(`  ${paint.dim(`… ${job.name} ${job.title}`)}`);
    const done = await runDemoJob(job, jobOptions);
    progress();
    finished.push(done);
    for (const line of renderJob({ ...done, saved: done.saved.map((file) => relative('', file)) }, paint))
      console.line(line);
  }

  const { burst } = plan;
  console.line(`\n${paint.bold('Many at once')}`);
  progress(`  ${paint.dim(`… ${burst.jobs} small jobs, ${burst.atOnce} at a time`)}`);
  const { finished: small, wrong, elapsedMs } = await runBurst(burst, client, options.signal);
  progress();
  const rate = (burst.jobs / (elapsedMs / 1_000)).toFixed(1);
  const verdict = wrong === 0 ? paint.green('✔') : paint.red('✘');
  console.line(
    `  ${verdict} ${burst.jobs - wrong} of ${burst.jobs} right, ${burst.atOnce} at a time: ${formatMs(elapsedMs)}, ${rate} jobs a second`,
  );

  console.line(`\n${paint.bold('Results')}`);
  for (const line of renderSummary(finished, paint)) console.line(line);
  console.line(`\n${paint.bold('Where the time goes')}`);
  for (const line of phaseTable([...finished, ...small])) console.line(`  ${line}`);

  progress(`\n  ${paint.dim('… ending the fleet')}`);
  await fleet[Symbol.asyncDispose]();
  progress();
  const good = wrong === 0 && finished.every(({ faults }) => faults.length === 0);
  if (good) await rm(stateDir, { recursive: true, force: true });
  for (const line of good ? farewell(options) : complaint(finished, stateDir, options)) console.line(line);
  return good;
}

/** The images are the installation's; all else is the demo's own and thrown away. */
async function demoStateDir(stateDir: string): Promise<string> {
  const own = join(stateDir, 'demo');
  await mkdir(own, { recursive: true, mode: 0o700 });
  try {
    await copyFile(join(stateDir, 'runtimes.lock.json'), join(own, 'runtimes.lock.json'));
  } catch (error) {
    throw new CliError(
      'missing',
      'The runtimes have no images yet.',
      'Run `npm run setup`, or `fumehood image build`.',
      { cause: error },
    );
  }
  return own;
}

/** Writes a line that the next call writes over. Elsewhere than on a terminal such lines are left out. */
function liveLine({ console, interactive }: DemoOptions): (text?: string) => void {
  return (text = '') => {
    if (interactive) console.out(`\r\u001b[K${text}`);
  };
}

function farewell({ console: { paint }, outputDir, command }: DemoOptions): readonly string[] {
  return [
    '',
    `${paint.green('Every job ended as it must,')} and nothing is left running. The plot is in ${paint.bold(relative('', join(outputDir, 'sales-plot', 'sales.png')))}.`,
    '',
    'Next:',
    `  ${paint.cyan(`${command} up`)}`,
    `  ${paint.cyan(`echo 'print(6 * 7)' | ${command} run - --runtime python`)}   ${paint.dim('in another terminal')}`,
    `  ${paint.cyan(`${command} run examples/hostile/network-probe.py`)}`,
    paint.dim('The programs of the demo are in examples/; README.md says how to use the HTTP API.'),
  ];
}

function complaint(
  finished: readonly FinishedDemoJob[],
  stateDir: string,
  { console: { paint } }: DemoOptions,
): readonly string[] {
  const wrong = finished.filter(({ faults }) => faults.length > 0).map(({ job }) => job.name);
  return [
    '',
    paint.red(`Not as it must be: ${wrong.join(', ') || 'the small jobs'}.`),
    `The logs of the fleet are in ${join(stateDir, 'logs')}.`,
  ];
}
