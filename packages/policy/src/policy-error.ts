/** What can go wrong with a configuration. */
export const POLICY_ERRORS = {
  unreadable: { meaning: 'A file or folder of the configuration could not be read' },
  invalid: { meaning: 'A file of the configuration says something that is not allowed' },
  not_taken: { meaning: 'A good configuration was not taken into use, because its `onLoaded` failed' },
} as const;

export type PolicyErrorCode = keyof typeof POLICY_ERRORS;

/** One thing that is wrong in a file. */
export interface ConfigProblem {
  /** Relative to the folder that was loaded, or as it was given. */
  readonly file: string;
  /** JSON Pointer into the document; empty for the document itself. */
  readonly path: string;
  /** What is wrong and what would be right. */
  readonly reason: string;
  /** One-based, where the file has such a place. */
  readonly line?: number;
  readonly column?: number;
}

/** Thrown for everything that is wrong with a configuration at once. `file`, `path` and `reason` are those of the first problem. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;
  /** All that is wrong; never empty. */
  readonly problems: readonly [ConfigProblem, ...ConfigProblem[]];
  readonly file: string;
  readonly path: string;
  readonly reason: string;

  constructor(
    code: PolicyErrorCode,
    problems: readonly [ConfigProblem, ...ConfigProblem[]],
    options: { cause?: unknown } = {},
  ) {
    super(problems.map(problemLine).join('\n'), options);
    this.code = code;
    this.problems = problems;
    ({ file: this.file, path: this.path, reason: this.reason } = problems[0]);
  }
}

/** `policies/default.yaml:12:5 /limits/defaults/cpus: reason`, as compilers write it, so that editors can jump there. */
function problemLine({ file, path, reason, line, column }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return `${place}${path === '' ? '' : ` ${path}`}: ${reason}`;
}

/** Throws when there are problems. */
export function throwProblems(code: PolicyErrorCode, problems: readonly ConfigProblem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new PolicyError(code, [first, ...rest]);
}
