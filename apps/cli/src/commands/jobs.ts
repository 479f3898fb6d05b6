import type { Job } from '@fumehood/schema';
import type { Command } from 'commander';
import { connectClient } from '../connect.js';
import { formatMs } from '../terminal/format.js';
import { printable } from '../terminal/printable.js';
import { table } from '../terminal/table.js';
import type { Context } from './context.js';
import { describeOutcome, exitCodeOf } from './exit-code.js';
import { addJobOptions, type JobOptions, requestFrom } from './job-options.js';

/** submit, get, list, logs, cancel: a job without waiting for it. */
export function addJobCommands(program: Command, context: Context): void {
  const { console, config } = context;

  addJobOptions(program.command('submit <file> [args...]'))
    .description('enqueue a file (or - for standard input) and print the id of the job')
    .option('--idempotency-key <key>', 'the same key and job give the same id')
    .action(async (file: string, args: string[], options: JobOptions & { idempotencyKey?: string }) => {
      const client = await connectClient(config);
      const request = await requestFrom(file, args, options, client);
      const key = options.idempotencyKey;
      const job = await client.submit(request, {
        signal: context.signal,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      console.line(job.id);
      if (job.queue !== null) console.note(console.paint.dim(waiting(job)));
    });

  program
    .command('get <job>')
    .description('show a job and its result')
    .option('--json', 'as JSON')
    .action(async (id: string, options: { json?: boolean }) => {
      const job = await (await connectClient(config)).get(id, { signal: context.signal });
      if (options.json) console.line(JSON.stringify(job, null, 2));
      else for (const line of describeJob(job, context)) console.line(line);
    });

  program
    .command('list')
    .description('list jobs, the newest first')
    .option('--state <state>', 'queued, assigned, running or ended')
    .option('-n, --limit <count>', 'at most this many', '20')
    .action(async (options: { state?: 'queued' | 'assigned' | 'running' | 'ended'; limit: string }) => {
      const client = await connectClient(config);
      const rows: string[][] = [];
      const filter = options.state === undefined ? {} : { state: options.state };
      for await (const job of client.list({ ...filter, signal: context.signal })) {
        rows.push([job.id, job.state, job.runtime, job.outcome ?? '', job.submittedAt]);
        if (rows.length >= Number(options.limit)) break;
      }
      const columns = ['job', 'state', 'runtime', 'outcome', 'submitted'].map((title) => ({ title }));
      for (const line of table(columns, rows)) console.line(line);
    });

  program
    .command('logs <job>')
    .description('print the output of a job')
    .option('-f, --follow', 'go on until the job has ended, and exit with its code')
    .action(async (id: string, options: { follow?: boolean }) => {
      const client = await connectClient(config);
      const ended = (await client.get(id, { signal: context.signal })).state === 'ended';
      const decode = (event: { encoding: 'utf8' | 'base64'; data: string }) =>
        Buffer.from(event.data, event.encoding);
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      // Without --follow a running job's output so far is all there is: stop when nothing came for a moment.
      const idle = options.follow || ended ? undefined : setTimeout(() => stop.abort(), 1_000);
      try {
        for await (const { event } of client.events(id, { signal })) {
          if (event.type === 'stdout') console.out(decode(event));
          if (event.type === 'stderr') console.err(decode(event));
          if (event.type === 'result' && options.follow) context.exit(exitCodeOf(event.result.outcome));
          idle?.refresh();
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      } finally {
        clearTimeout(idle);
      }
    });

  program
    .command('cancel <job>')
    .description('end a job that waits or runs')
    .action(async (id: string) => {
      const job = await (await connectClient(config)).cancel(id, { signal: context.signal });
      console.line(
        job.state === 'ended' ? `${job.id} has ended: ${job.outcome}` : `${job.id} is being canceled`,
      );
    });
}

const waiting = (job: Job) =>
  job.queue === null
    ? ''
    : `${job.queue.position} before it${job.queue.estimatedWaitMs === null ? '' : `, about ${formatMs(job.queue.estimatedWaitMs)}`}`;

function describeJob(job: Job, { console: { paint } }: Context): string[] {
  const lines = [`${paint.bold(job.id)}  ${job.state}  ${job.runtime}  policy ${job.policy}`];
  if (job.queue !== null) lines.push(`waits: ${waiting(job)}`);
  const { result } = job;
  if (result === null) return lines;
  lines.push(`outcome: ${describeOutcome(result.outcome)}`, result.hint);
  for (const stream of ['stdout', 'stderr'] as const) {
    const output = result[stream];
    if (output.totalBytes === 0) continue;
    const note =
      output.omittedBytes === 0
        ? ''
        : `, ${output.omittedBytes} left out${output.artifact === undefined ? '' : `; all of it in ${output.artifact}`}`;
    lines.push(
      paint.dim(`── ${stream} (${output.totalBytes} bytes${note})`),
      shown(output.head, output.encoding),
    );
    if (output.tail !== '') lines.push(paint.dim('── …'), shown(output.tail, output.encoding));
  }
  for (const artifact of result.artifacts)
    lines.push(`artifact ${JSON.stringify(artifact.path)}  ${artifact.bytes} bytes`);
  return lines;
}

const shown = (text: string, encoding: 'utf8' | 'base64') =>
  (encoding === 'base64' ? text : printable(text)).trimEnd();
