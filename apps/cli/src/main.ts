#!/usr/bin/env node
import { FumehoodError } from '@fumehood/client';
import { CLI_ERRORS, CliError } from './cli-error.js';
import type { Context } from './commands/context.js';
import { readConfig } from './config.js';
import { createProgram } from './program.js';
import { createConsole } from './terminal/console.js';

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted && name === 'SIGINT') process.exit(130);
    interrupt.abort(new DOMException('interrupted', 'AbortError'));
  });
}
// `fumehood list | head`: the reader went away, which is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  const config = readConfig();
  const console = createConsole(config.color);
  const context: Context = {
    config,
    console,
    signal: interrupt.signal,
    exit: (code) => {
      process.exitCode = code;
    },
  };
  await createProgram(context).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Tells the person what went wrong and what would mend it; returns the exit code. */
function report(error: unknown): number {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (interrupt.signal.aborted) return 130;
  if (error instanceof CliError) {
    say(`fumehood: ${error.message}`);
    if (error.fix !== undefined) say(`  ${error.fix}`);
    return CLI_ERRORS[error.code].exitCode;
  }
  if (error instanceof FumehoodError) {
    say(`fumehood: ${error.message}`);
    const denials = error.problem?.denials ?? [];
    // The message holds the one reason there is.
    for (const denial of denials.length > 1 ? denials : []) say(`  ${denial.path}: ${denial.reason}`);
    for (const fault of error.problem?.errors ?? []) say(`  ${fault.path}: ${fault.message}`);
    return error.problem?.denials === undefined ? CLI_ERRORS.failed.exitCode : CLI_ERRORS.denied.exitCode;
  }
  say(`fumehood: ${error instanceof Error ? error.message : String(error)}`);
  return CLI_ERRORS.failed.exitCode;
}
