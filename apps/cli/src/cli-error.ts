/** Exit codes of the command itself; a job's own exit code is passed on. */
export const CLI_ERRORS = {
  usage: { exitCode: 2, meaning: 'The command line is not right' },
  not_running: { exitCode: 125, meaning: 'No fleet answers' },
  failed: { exitCode: 125, meaning: 'Fumehood itself failed' },
  missing: { exitCode: 125, meaning: 'Something that is needed is not installed' },
  denied: { exitCode: 126, meaning: 'The policy does not allow the job' },
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** What the person at the terminal is told; `fix` says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly code: CliErrorCode,
    message: string,
    readonly fix?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
