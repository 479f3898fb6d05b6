import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '@fumehood/client';
import type { JobRequestInput, Result } from '@fumehood/schema';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { connectClient } from '../connect.js';
import { formatBytes, formatMs } from '../terminal/format.js';
import type { Context } from './context.js';
import { describeOutcome, exitCodeOf } from './exit-code.js';
import { addJobOptions, type JobOptions, requestFrom } from './job-options.js';

interface RunOptions extends JobOptions {
  readonly artifactDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addRunCommand(program: Command, context: Context): void {
  addJobOptions(program.command('run <file> [args...]'))
    .description('run a file (or - for standard input) in a fresh sandbox, and show its output as it comes')
    .option(
      '-o, --artifact-dir <folder>',
      'store collected artifacts here (collects everything when no --artifact is given)',
    )
    .option('--json', 'print the result as JSON instead of the output')
    .option('-q, --quiet', 'print nothing but the output')
    .addHelpText(
      'after',
      "\nThe exit code is the job's own; 128+n: signal, 124: limit, 126: denied, 130: canceled, 125: Fumehood failed.",
    )
    .action((file: string, args: string[], options: RunOptions) => run(file, args, options, context));
}

async function run(
  file: string,
  args: readonly string[],
  options: RunOptions,
  context: Context,
): Promise<void> {
  const { console } = context;
  const client = await connectClient(context.config);
  const wanted =
    options.artifactDir !== undefined && options.artifact.length === 0
      ? { ...options, artifact: ['**'] }
      : options;
  const request = await requestFrom(file, args, wanted, client);
  const live = options.json !== true;
  const result = await client.run(request, {
    signal: context.signal,
    ...(live ? { onStdout: console.out, onStderr: console.err } : {}),
  });
  if (options.json) console.line(JSON.stringify(result, null, 2));
  if (options.artifactDir !== undefined) {
    const unchanged = options.artifact.length === 0 ? inputDigests(request) : new Map<string, string>();
    await saveArtifacts(result, options.artifactDir, unchanged, client, context);
  }
  if (!options.quiet && !options.json) summarise(result, context);
  context.exit(exitCodeOf(result.outcome));
}

function summarise(result: Result, { console }: Context): void {
  const { paint } = console;
  const good = result.outcome.type === 'exited' && result.outcome.exitCode === 0;
  const usage = result.evidence?.usage;
  const facts = [
    result.timings.phasesMs.run === null ? undefined : `ran ${formatMs(result.timings.phasesMs.run)}`,
    usage === undefined ? undefined : `CPU ${formatMs(usage.cpuTimeMs)}`,
    usage?.memoryPeakBytes == null ? undefined : `memory ${formatBytes(usage.memoryPeakBytes)}`,
    result.jobId,
  ];
  const outcome = describeOutcome(result.outcome);
  console.note(paint.dim(`── ${facts.filter((fact) => fact !== undefined).join(' · ')}`));
  if (!good) console.note(`${paint.red(outcome)}  ${result.hint}`);
}

/** What went in: when everything is collected, it need not come back unless it was changed. */
function inputDigests({ code, entry, files = [] }: JobRequestInput): ReadonlyMap<string, string> {
  const digest = (content: string, encoding: 'utf8' | 'base64') =>
    `sha256:${createHash('sha256').update(content, encoding).digest('hex')}`;
  const given = files.map(({ path, contentBase64 = '' }) => [path, digest(contentBase64, 'base64')] as const);
  return new Map(
    entry === undefined || code === undefined ? given : [...given, [entry, digest(code, 'utf8')]],
  );
}

/** Writes each artifact below the folder; a name that would leave it is refused. */
async function saveArtifacts(
  result: Result,
  folder: string,
  unchanged: ReadonlyMap<string, string>,
  client: Client,
  { console }: Context,
): Promise<void> {
  const root = resolve(folder);
  for (const artifact of result.artifacts) {
    if (unchanged.get(artifact.path) === artifact.digest) continue;
    const target = join(root, artifact.path);
    if (!target.startsWith(root + sep))
      throw new CliError('failed', `The artifact ${JSON.stringify(artifact.path)} would leave ${root}.`);
    await mkdir(dirname(target), { recursive: true });
    const { content } = await client.artifact(result.jobId, artifact.path);
    await pipeline(Readable.from(content), createWriteStream(target));
    console.note(console.paint.dim(`saved ${target} (${formatBytes(artifact.bytes)})`));
  }
  for (const skipped of result.skippedArtifacts) {
    console.note(console.paint.yellow(`not collected: ${JSON.stringify(skipped.path)} (${skipped.reason})`));
  }
}
