import { once } from 'node:events';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { parseBytes } from '../terminal/format.js';
import { startFleet } from '../up/start-fleet.js';
import type { Context } from './context.js';

interface UpOptions {
  readonly port: number;
  readonly cpus?: number;
  readonly memory?: number;
}

export function addUpCommand(program: Command, context: Context): void {
  const { console, config } = context;
  program
    .command('up')
    .description('run a whole fleet on this machine: a private Redis, the API and one worker')
    .option('-p, --port <port>', 'port of the API on 127.0.0.1', wholeNumber, 8420)
    .option('--cpus <count>', 'CPUs that may be promised to jobs', positive)
    .option('--memory <size>', 'memory that may be promised to jobs, such as 4g', size)
    .action(async (options: UpOptions) => {
      const { paint } = console;
      await using fleet = await startFleet({
        config,
        apiPort: options.port,
        ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
        ...(options.memory === undefined ? {} : { memoryBytes: options.memory }),
        onProgress: (step) => console.note(paint.dim(`… ${step}`)),
        onDeath: (death) =>
          console.note(
            paint.yellow(
              `${death.name} ended (${death.signal ?? `exit code ${death.code}`}); starting it again`,
            ),
          ),
      });
      console.note(
        `${paint.green('Fumehood is up.')}  ${paint.bold(fleet.url)}  ${paint.dim(`docs at ${fleet.url}/docs`)}`,
      );
      console.note(`Key, configuration and logs are in ${fleet.stateDir}. In another terminal:`);
      console.note(`  ${paint.cyan("echo 'print(6 * 7)' | fumehood run - --runtime python")}`);
      console.note(paint.dim('Ctrl-C drains the worker and ends everything.'));
      if (!context.signal.aborted) await once(context.signal, 'abort');
      console.note(paint.dim('… draining'));
      await fleet.stop();
      console.note('Everything has ended.');
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('expected a port from 0 to 65535');
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

function size(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError('expected a size such as 4g or 512m');
  return bytes;
}
