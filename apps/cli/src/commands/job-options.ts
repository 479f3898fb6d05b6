import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Client } from '@fumehood/client';
import { type JobRequestInput, LIMIT_NAMES, type LimitName, type PartialLimits } from '@fumehood/schema';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../cli-error.js';
import { parseBytes, parseMs } from '../terminal/format.js';

export interface JobOptions {
  readonly runtime?: string;
  readonly entry?: string;
  readonly file: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly artifact: readonly string[];
  readonly limit: PartialLimits;
  readonly policy?: string;
  readonly isolation?: 'container' | 'gvisor';
  readonly lane?: 'interactive' | 'batch';
  readonly label: Readonly<Record<string, string>>;
  readonly retryOnLoss?: boolean;
  readonly queueTimeout?: number;
}

/** The options that describe a job, shared by `run` and `submit`. */
export function addJobOptions(command: Command): Command {
  return command
    .option('-r, --runtime <name>', "python, node, bash, …; known by the file's ending when absent")
    .option('--entry <path>', 'path of the code inside the workspace')
    .option('-f, --file <path[=name]>', 'another file for the workspace (repeatable)', collect, [])
    .option('-e, --env <NAME=value>', 'environment variable (repeatable)', collectPairs, {})
    .option('--stdin <file|->', 'what the program reads as standard input')
    .option('-a, --artifact <pattern>', 'files to collect, such as "out/*.png" (repeatable)', collect, [])
    .option(
      '-l, --limit <name=value>',
      `a limit: ${LIMIT_NAMES.join(', ')}; 512m and 30s are understood (repeatable)`,
      collectLimits,
      {},
    )
    .option('--policy <name>', 'a policy of the tenant')
    .addOption(new Option('--isolation <tier>', 'the wall').choices(['container', 'gvisor']))
    .addOption(
      new Option('--lane <lane>', 'batch waits behind interactive').choices(['interactive', 'batch']),
    )
    .option('--label <name=value>', 'a note of your own (repeatable)', collectPairs, {})
    .option('--retry-on-loss', 'the code may run twice: run it again when its worker is lost')
    .option('--queue-timeout <duration>', 'longest wait in the queue', durationArgument);
}

/** Makes the request that the command line describes. `source` is a path, or `-` for the code on standard input. */
export async function requestFrom(
  source: string,
  args: readonly string[],
  options: JobOptions,
  client: Client,
): Promise<JobRequestInput> {
  if (source === '-' && options.stdin === '-') {
    throw new CliError(
      'usage',
      'Both the code and --stdin would come from standard input.',
      'Put one of them into a file.',
    );
  }
  const code = source === '-' ? await text(process.stdin) : await readText(source);
  const entry = options.entry ?? (source === '-' ? undefined : basename(source));
  const runtime = options.runtime ?? (await runtimeFor(source, client));
  const files = await Promise.all(options.file.map(readInputFile));
  return {
    runtime,
    code,
    ...(entry === undefined ? {} : { entry }),
    files,
    args: [...args],
    env: { ...options.env },
    limits: { ...options.limit },
    artifacts: [...options.artifact],
    labels: { ...options.label },
    ...(options.stdin === undefined
      ? {}
      : { stdinBase64: (await readBytes(options.stdin)).toString('base64') }),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    ...(options.lane === undefined ? {} : { lane: options.lane }),
    ...(options.retryOnLoss === undefined ? {} : { retryOnLoss: options.retryOnLoss }),
    ...(options.queueTimeout === undefined ? {} : { queueTimeoutMs: options.queueTimeout }),
  };
}

/** The runtime whose own entry, or an alias's, has the file's ending. */
async function runtimeFor(source: string, client: Client): Promise<string> {
  const ending = extname(source);
  if (source === '-' || ending === '') {
    throw new CliError(
      'usage',
      'The runtime is not known.',
      'Name it with --runtime, such as --runtime python.',
    );
  }
  const runtimes = await client.runtimes();
  for (const runtime of runtimes) {
    const entries = [runtime.entry, ...Object.values(runtime.aliases).flatMap((alias) => alias.entry ?? [])];
    if (entries.some((entry) => extname(entry) === ending)) return runtime.name;
  }
  const names = runtimes.map((runtime) => runtime.name).join(', ');
  throw new CliError(
    'usage',
    `No runtime is known for ${ending} files.`,
    `Name one with --runtime; there are ${names}.`,
  );
}

async function readInputFile(argument: string) {
  const [path = '', name] = argument.split('=', 2);
  return { path: name ?? basename(path), contentBase64: (await readBytes(path)).toString('base64') };
}

const readText = async (path: string) => (await readBytes(path)).toString('utf8');

async function readBytes(path: string): Promise<Buffer> {
  if (path === '-') return Buffer.from(await text(process.stdin));
  return await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('usage', `${path} can't be read: ${error.message}`, undefined, { cause: error });
  });
}

const collect = (value: string, before: readonly string[]) => [...before, value];

function collectPairs(value: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected NAME=value');
  return { ...before, [value.slice(0, at)]: value.slice(at + 1) };
}

function durationArgument(value: string): number {
  const ms = parseMs(value);
  if (ms === undefined) throw new InvalidArgumentError('expected a duration such as 500ms, 30s or 2m');
  return ms;
}

const isLimitName = (name: string): name is LimitName => (LIMIT_NAMES as readonly string[]).includes(name);

function collectLimits(value: string, before: PartialLimits): PartialLimits {
  const [name = '', amount = ''] = value.split('=', 2);
  if (!isLimitName(name))
    throw new InvalidArgumentError(
      `there is no limit ${JSON.stringify(name)}; there are ${LIMIT_NAMES.join(', ')}`,
    );
  const parsed = name.endsWith('Ms')
    ? parseMs(amount)
    : name.endsWith('Bytes')
      ? parseBytes(amount)
      : Number(amount || Number.NaN);
  if (parsed === undefined || !Number.isFinite(parsed)) {
    throw new InvalidArgumentError(
      `${JSON.stringify(amount)} is not a value for ${name}; 30s, 512m and plain numbers are`,
    );
  }
  return { ...before, [name]: parsed };
}
