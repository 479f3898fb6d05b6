import type { Denial } from '@fumehood/schema';
import type { ProblemCode } from './problems.js';

/** One part of a request that is wrong: a JSON Pointer into it, and what would be right. */
export interface RequestFault {
  readonly path: string;
  readonly message: string;
}

export interface ApiErrorOptions {
  readonly errors?: readonly RequestFault[];
  readonly denials?: readonly Denial[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is no success. `message` becomes the problem's `detail`: it is for the client and holds nothing else. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly errors: readonly RequestFault[] | undefined;
  readonly denials: readonly Denial[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    detail: string,
    options: ApiErrorOptions = {},
  ) {
    super(detail, { cause: options.cause });
    this.errors = options.errors;
    this.denials = options.denials;
    this.headers = options.headers ?? {};
  }
}
