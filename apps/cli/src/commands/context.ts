import type { CliConfig } from '../config.js';
import type { Console } from '../terminal/console.js';

/** What every command is given. */
export interface Context {
  readonly config: CliConfig;
  readonly console: Console;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets the exit code of the process. */
  exit(code: number): void;
}
