import { FumehoodError } from './fumehood-error.js';

/** A schema, as far as it is needed here. */
export interface AnswerSchema<T> {
  safeParse(
    input: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/**
 * Parses what a server has sent. A newer server may say more than this client knows: keys that the schema does not know are left
 * out. Throws `bad_response` that names the place for anything else that is wrong.
 */
export function parseAnswer<T>(schema: AnswerSchema<T>, answer: unknown, what: string): T {
  const first = schema.safeParse(answer);
  if (first.success) return first.data;
  const { issues } = first.error;
  if (!issues.every((issue) => issue.code === 'unrecognized_keys')) throw notRight(what, issues);
  const second = schema.safeParse(withoutKeys(answer, issues));
  if (second.success) return second.data;
  throw notRight(what, second.error.issues);
}

/** The list under a key of the answer, each entry parsed. */
export function parseList<T>(schema: AnswerSchema<T>, answer: unknown, key: string): T[] {
  return listUnder(answer, key).map((entry, index) => parseAnswer(schema, entry, `${key}[${index}]`));
}

export function listUnder(answer: unknown, key: string): readonly unknown[] {
  const list = property(answer, key);
  if (!Array.isArray(list)) throw badResponse(`The answer has no list of ${key}.`);
  return list;
}

/** A property of what may be an object. */
export function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export const badResponse = (message: string, cause?: unknown) =>
  new FumehoodError('bad_response', message, { cause });

function notRight(what: string, issues: readonly Issue[]): FumehoodError {
  const [issue] = issues;
  const place =
    issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  return badResponse(`The server's ${what} is not right${place}: ${issue?.message ?? 'unknown'}.`);
}

/** A copy without the keys that the issues name. */
function withoutKeys(answer: unknown, issues: readonly Issue[]): unknown {
  const copy: unknown = structuredClone(answer);
  for (const { path, keys = [] } of issues) {
    const target = path.reduce<unknown>((value, key) => property(value, String(key)), copy);
    if (typeof target !== 'object' || target === null) continue;
    for (const key of keys) Reflect.deleteProperty(target, key);
  }
  return copy;
}
