import type { z } from 'zod';
import { jsonPointer } from './json-pointer.js';
import { type Located, readJson, readYaml } from './located-value.js';
import type { ConfigProblem } from './policy-error.js';
import type { SourceFile } from './source-file.js';

/** A file that passed its schema, or all that is wrong with it. `problem` makes a problem with its place in the file. */
export type ParsedSource<T> =
  | {
      readonly ok: true;
      readonly value: T;
      problem(path: readonly PropertyKey[], reason: string): ConfigProblem;
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

export function parseSource<Schema extends z.ZodType>(
  source: SourceFile,
  format: 'yaml' | 'json',
  schema: Schema,
): ParsedSource<z.infer<Schema>> {
  const { file } = source;
  const read = format === 'yaml' ? readYaml(source.text) : readJson(source.text);
  if ('faults' in read) {
    return {
      ok: false,
      problems: read.faults.map(({ reason, position }) => ({ file, path: '', reason, ...position })),
    };
  }
  const problem = problemIn(file, read);
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { ok: true, value: parsed.data, problem };
  return { ok: false, problems: parsed.error.issues.map((issue) => issueProblem(issue, read, problem)) };
}

const problemIn =
  (file: string, { locate }: Located) =>
  (path: readonly PropertyKey[], reason: string): ConfigProblem => ({
    file,
    path: jsonPointer(path),
    reason,
    ...locate(path),
  });

function issueProblem(
  issue: z.core.$ZodIssue,
  { locate, value }: Located,
  problem: (path: readonly PropertyKey[], reason: string) => ConfigProblem,
): ConfigProblem {
  switch (issue.code) {
    case 'unrecognized_keys': {
      // The place of the key itself says more than that of the object around it.
      const key = issue.keys[0] ?? '';
      return { ...problem(issue.path, issue.message), ...locate([...issue.path, key], 'key') };
    }
    case 'invalid_key':
      return {
        ...problem(issue.path, issue.issues[0]?.message ?? issue.message),
        ...locate(issue.path, 'key'),
      };
    case 'invalid_type': {
      const reason = isAbsent(value, issue.path)
        ? `is missing; expected ${withArticle(issue.expected)}`
        : `expected ${withArticle(issue.expected)}, found ${describeValue(valueAt(value, issue.path))}`;
      return problem(issue.path, reason);
    }
    default:
      return problem(issue.path, issue.message);
  }
}

const withArticle = (what: string) =>
  `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what === 'int' ? 'integer' : what}`;

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = Reflect.get(current, part);
  }
  return current;
}

const isAbsent = (value: unknown, path: readonly PropertyKey[]) => valueAt(value, path) === undefined;

/** Names a wrong value. Short texts are shown, as `512 MiB` where a number is due explains itself; a file holds no secrets, only hashes. */
function describeValue(value: unknown): string {
  if (value === null) return 'nothing (an empty object is written {}, an empty list [])';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string' && value.length > 40) return 'a text';
  return `${typeof value === 'string' ? 'the text ' : ''}${JSON.stringify(value)}`;
}
