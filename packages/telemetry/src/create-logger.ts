import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyLine } from './pretty-line.js';
import { redactLine } from './redact-line.js';
import { serializeError } from './serialize-error.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** The process, such as `api` or `worker`. */
  readonly name: string;
  readonly level?: LogLevel;
  /** Fields of every line, such as the worker's id and the version. */
  readonly base?: Readonly<Record<string, string | number>>;
  /** Lines for people instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go; standard output when absent, written synchronously, so that no line is lost in a crash. */
  readonly to?: DestinationStream;
}

/**
 * A pino logger of JSON lines. What could be code, environment, input, output or a key is redacted from every line; errors are
 * written as type, code, message, stack and causes.
 */
export function createLogger({ name, level = 'info', base = {}, pretty = false, to }: LoggerOptions): Logger {
  const target = to ?? destination({ dest: 1, sync: true });
  return pino(
    {
      name,
      level,
      base: { pid: process.pid, ...base },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: (value: unknown) => (value instanceof Error ? serializeError(value) : value) },
      formatters: { level: (label) => ({ level: label }), log: serializeErrors },
      hooks: { streamWrite: redactLine },
    },
    pretty ? { write: (line: string) => target.write(`${prettyLine(line) ?? line.trimEnd()}\n`) } : target,
  );
}

/** Errors in other fields than `err` would be logged as what libraries hang on them, or as {}. */
function serializeErrors(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(fields).some((value) => value instanceof Error)) return fields;
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    value instanceof Error ? serializeError(value) : value,
  ]);
  return Object.fromEntries(entries);
}
