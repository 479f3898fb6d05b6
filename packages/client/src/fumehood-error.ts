import type { Problem } from '@fumehood/schema';

/** What this client itself finds wrong; every other code is the server's (docs/reference/errors.md). */
export const CLIENT_ERRORS = {
  invalid_argument: 'An argument can not be right; nothing was sent',
  network: 'The server could not be reached, or the connection broke',
  timeout: 'The server did not answer in time',
  bad_response: 'The answer is not one of a Fumehood API',
  http_error: 'The server answered with an error that has no problem details; a proxy may have done so',
  no_result: 'The job has ended, and its result is not to be had any more',
} as const;

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

export interface FumehoodErrorDetails {
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Everything that the client rejects with, but for the reason of the caller's own abort. */
export class FumehoodError extends Error {
  override readonly name = 'FumehoodError';
  /** A code of CLIENT_ERRORS, or the `code` of the server's problem details. */
  readonly code: ClientErrorCode | (string & {});
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The server's problem details (RFC 9457), with `errors` and `denials`. */
  readonly problem: Problem | undefined;
  /** How long the server asks to wait before the next try. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ClientErrorCode | (string & {}), message: string, details: FumehoodErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.problem = details.problem;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export const invalidArgument = (message: string, cause?: unknown) =>
  new FumehoodError('invalid_argument', message, { cause });
