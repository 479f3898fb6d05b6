import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { z } from 'zod';
import { ApiError, type RequestFault } from './api-error.js';
import { jsonPointer } from './json-pointer.js';

/** Faults that are listed; a hostile request has as many as it has values. */
const MAX_FAULTS = 50;

const PART_NAMES: Readonly<Record<string, string>> = {
  body: 'The body',
  querystring: 'The query string',
  params: 'The path',
  headers: 'The header',
};

/** Checks each part of a request with its zod schema; what it refuses is answered with a pointer to every fault. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PART_NAMES[httpPart ?? 'body'] ?? 'The request';
  return (data: unknown) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    const errors = requestFaults(parsed.error.issues);
    return {
      error: new ApiError('invalid_request', `${part} is not as it has to be: ${summary(errors)}`, {
        errors,
      }),
    };
  };
};

/**
 * Writes an answer, after its schema has said that it is one: what is not documented does not leave. It is parsed and not encoded,
 * since some schemas check in ways that zod can't run backwards.
 */
export const serializerCompiler: FastifySerializerCompiler<z.ZodType> = ({ schema, method, url }) => {
  return (answer: unknown) => {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return JSON.stringify(parsed.data);
    throw new Error(`The answer to ${method} ${url} is not what its schema says.`, { cause: parsed.error });
  };
};

const summary = ([first, ...rest]: readonly RequestFault[]): string => {
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return first === undefined
    ? 'it is refused.'
    : `${first.path === '' ? '' : `${first.path}: `}${first.message}${more}.`;
};

/** What zod found, as pointers and sentences; at most MAX_FAULTS of it. */
export function requestFaults(issues: readonly z.core.$ZodIssue[]): readonly RequestFault[] {
  const faults: RequestFault[] = [];
  for (const issue of issues) {
    for (const fault of issueFaults(issue)) {
      if (faults.length === MAX_FAULTS) return faults;
      faults.push(fault);
    }
  }
  return faults;
}

function* issueFaults(issue: z.core.$ZodIssue): Generator<RequestFault> {
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) yield { path: jsonPointer([...issue.path, key]), message: issue.message };
      return;
    case 'invalid_key':
      // The path ends with the key already; what is wrong with it is one level down.
      for (const inner of issue.issues) yield { path: jsonPointer(issue.path), message: inner.message };
      return;
    default:
      yield { path: jsonPointer(issue.path), message: issue.message };
  }
}
