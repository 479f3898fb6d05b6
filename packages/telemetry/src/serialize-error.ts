const MAX_CAUSES = 6;
const MAX_ERRORS = 10;
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;

/** What is logged of an error: nothing that libraries hang on it, such as the arguments of a Redis command. */
export interface SerializedError {
  readonly type: string;
  readonly code?: string | number;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: SerializedError;
  readonly errors?: readonly SerializedError[];
}

/** The error with its causes, bounded in depth and length. */
export function serializeError(error: unknown): SerializedError {
  return serialize(error, MAX_CAUSES);
}

function serialize(error: unknown, causes: number): SerializedError {
  if (!(error instanceof Error)) {
    // What else was thrown can be anything; an object's fields could hold anything, too.
    const message =
      typeof error === 'object' && error !== null ? 'An object that is no Error was thrown' : String(error);
    return { type: typeof error, message: cut(message, MAX_MESSAGE_LENGTH) };
  }
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: cut(error.message, MAX_MESSAGE_LENGTH),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack, MAX_STACK_LENGTH) }),
    ...(error.cause === undefined || causes <= 1 ? {} : { cause: serialize(error.cause, causes - 1) }),
    ...(error instanceof AggregateError && causes > 1
      ? { errors: error.errors.slice(0, MAX_ERRORS).map((inner: unknown) => serialize(inner, causes - 1)) }
      : {}),
  };
}

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length)}…`);
