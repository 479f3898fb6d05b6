import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type JobRequestInput, JobRequestSchema, MAX_FILES } from './job-request.js';

const FULL = {
  runtime: 'python',
  code: 'print(1)',
  entry: 'main.py',
  files: [{ path: 'a.txt', content: 'a', executable: false }],
  args: ['--x'],
  env: { A: '1' },
  stdin: 'in',
  limits: { cpus: 1, memoryBytes: 2 ** 28 },
  artifacts: ['*.png'],
  policy: 'default',
  isolation: 'container',
  egress: [{ host: 'example.com', ports: [443] }],
  lane: 'batch',
  queueTimeoutMs: 1000,
  retryOnLoss: true,
  labels: { run: '7' },
} satisfies JobRequestInput;

/** Paths and messages of what is wrong with the full request when a part of it is another. */
function issuesOf(part: Record<string, unknown>): string[] {
  const parsed = JobRequestSchema.safeParse({ ...FULL, ...part });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a job request', () => {
  it('needs a runtime, and has a default for all the rest', () => {
    expect(JobRequestSchema.parse({ runtime: 'python' })).toEqual({
      runtime: 'python',
      files: [],
      args: [],
      env: {},
      limits: {},
      artifacts: [],
      egress: [],
      lane: 'interactive',
      retryOnLoss: false,
      labels: {},
    });
    expect(JobRequestSchema.safeParse({}).error?.issues).toMatchObject([{ path: ['runtime'] }]);
  });

  it('is taken as it is when everything is given', () => {
    expect(JobRequestSchema.parse(FULL)).toEqual(FULL);
  });

  it('parses to itself after a journey as JSON, so that a worker sees what the API saw', () => {
    const files = fc.uniqueArray(
      fc.record({ path: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.string({ unit: 'grapheme' }) }),
      { selector: ({ path }) => path, maxLength: 5 },
    );
    const inputs = fc.record(
      {
        code: fc.string(),
        files,
        args: fc.array(fc.string()),
        env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(inputs, (input) => {
        const once = JobRequestSchema.safeParse({ runtime: 'python', ...input });
        fc.pre(once.success);
        expect(JobRequestSchema.parse(JSON.parse(JSON.stringify(once.data)))).toEqual(once.data);
      }),
    );
  });

  const samples = { null: null, number: 1, string: 'x', boolean: true, array: [1], object: { a: 1 } };
  type Sample = keyof typeof samples;
  const taken: Record<keyof typeof FULL, readonly Sample[]> = {
    runtime: ['string'],
    code: ['string'],
    entry: ['string'],
    files: [],
    args: [],
    env: [],
    stdin: ['string'],
    limits: [],
    artifacts: [],
    policy: ['string'],
    isolation: [],
    egress: [],
    lane: [],
    queueTimeoutMs: [],
    retryOnLoss: ['boolean'],
    labels: [],
  };
  const wrong = Object.entries(taken).flatMap(([field, types]) =>
    Object.entries(samples)
      .filter(([type]) => !types.some((one) => one === type))
      .map(([type, value]) => ({ field, type, value })),
  );
  it.each(wrong)('refuses $field of the type $type', ({ field, value }) => {
    const issues = issuesOf({ [field]: value });
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.every((issue) => issue.startsWith(field))).toBe(true);
  });

  it.each([
    'binds',
    'privileged',
    'securityOpt',
    'annotations',
    'image',
    'Runtime',
    'constructor',
    'toString',
  ])('refuses the unknown key %s, and names those it knows', (key) => {
    expect(issuesOf({ [key]: true })).toEqual([
      expect.stringMatching(`^: unknown key "${key}"; known here: runtime, code,`),
    ]);
  });

  it.each([
    ['the request', (evil: string) => `{"runtime":"python","__proto__":${evil}}`],
    ['the limits', (evil: string) => `{"runtime":"python","limits":{"__proto__":${evil}}}`],
    ['the environment', (evil: string) => `{"runtime":"python","env":{"__proto__":${evil}}}`],
    ['the labels', (evil: string) => `{"runtime":"python","labels":{"__proto__":${evil}}}`],
    [
      'a file',
      (evil: string) => `{"runtime":"python","files":[{"path":"a","content":"","__proto__":${evil}}]}`,
    ],
    [
      'an egress rule',
      (evil: string) => `{"runtime":"python","egress":[{"host":"a.bc","__proto__":${evil}}]}`,
    ],
  ])('refuses __proto__ in %s, and every prototype stays clean', (_what, json) => {
    for (const evil of ['{"polluted":"yes"}', '"yes"', 'null']) {
      const parsed = JobRequestSchema.safeParse(JSON.parse(json(evil)));
      expect(JSON.stringify(parsed.error?.issues)).toContain('__proto__');
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('takes constructor as the name of a variable, as nothing but a name', () => {
    const { env } = JobRequestSchema.parse({ runtime: 'python', env: { constructor: 'x' } });
    expect(Object.entries(env)).toEqual([['constructor', 'x']]);
    expect(Object.getPrototypeOf(env)).toBe(Object.prototype);
  });
});

describe('files', () => {
  it.each([
    ['neither content', { path: 'a' }],
    ['both contents', { path: 'a', content: '', contentBase64: '' }],
  ])('need exactly one content: %s is refused', (_what, file) => {
    expect(issuesOf({ files: [file] })).toEqual(['files.0: give exactly one of content and contentBase64']);
  });

  it.each(['QQ', 'QUJ', 'QQ==\n', ' QQ==', 'QQ=', '=QQ=', '__--', 'QQ==QQ==', 'ü==='])(
    'refuse %j as base64',
    (contentBase64) => {
      expect(issuesOf({ files: [{ path: 'a', contentBase64 }] })).toEqual([
        expect.stringContaining('base64'),
      ]);
    },
  );

  it('refuse a path that occurs twice, or is both a file and a directory', () => {
    const files = ['a', 'b/c', 'a', 'b', 'a/x/y'].map((path) => ({ path, content: '' }));
    expect(issuesOf({ files })).toEqual([
      'files.2.path: the path occurs twice',
      'files.1.path: "b" is a file in this request, and a directory here',
      'files.4.path: "a" is a file in this request, and a directory here',
    ]);
  });

  it('are a thousand at most', () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `f${index}`, content: '' }));
    expect(issuesOf({ files: files(MAX_FILES) })).toEqual([]);
    expect(issuesOf({ files: files(MAX_FILES + 1) })).toEqual([expect.stringContaining('<=1000')]);
  });
});

describe('text', () => {
  const lone = 'a\ud800b';
  it.each([
    ['code', { code: lone }],
    ['stdin', { stdin: lone }],
    ['files.0.content', { files: [{ path: 'a', content: lone }] }],
    ['args.0', { args: [lone] }],
    ['env.A', { env: { A: lone } }],
    ['labels.a', { labels: { a: lone } }],
  ])('that UTF-8 cannot carry is refused in %s', (path, part) => {
    expect(issuesOf(part)).toEqual([expect.stringMatching(`^${path}: the text has a lone surrogate`)]);
  });

  it('of any language and with any control character is taken', () => {
    const code = '\u0000\u0007日本語 \u202e 😀\r\n';
    expect(JobRequestSchema.parse({ runtime: 'python', code, stdin: code })).toMatchObject({
      code,
      stdin: code,
    });
  });

  it('and bytes of standard input exclude each other', () => {
    expect(issuesOf({ stdinBase64: '' })).toEqual(['stdinBase64: give at most one of stdin and stdinBase64']);
  });
});

describe('arguments and variables', () => {
  it.each(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'GCONV_PATH', 'FUMEHOOD_X'])(
    'refuse the variable %s',
    (name) => {
      expect(issuesOf({ env: { [name]: 'x' } }).length).toBe(1);
    },
  );

  it.each(['', '1A', 'A-B', 'A=B', 'Ä', 'A B', 'A\n', `A${'x'.repeat(128)}`])(
    'refuse the name %j',
    (name) => {
      expect(issuesOf({ env: { [name]: 'x' } }).length).toBe(1);
    },
  );

  it('refuse NUL, which no program could be given', () => {
    expect(issuesOf({ env: { A: 'x\0y' }, args: ['x\0y'] })).toEqual([
      'args.0: the argument contains a NUL character',
      'env.A: the value contains a NUL character',
    ]);
  });

  it('are bounded in number and in bytes together, below what execve takes', () => {
    const many = (count: number, text: string) => Array.from({ length: count }, () => text);
    const variables = (count: number, text: string) =>
      Object.fromEntries(many(count, text).map((value, index) => [`V${index}`, value]));
    expect(issuesOf({ args: many(256, 'x'), env: variables(256, 'x') })).toEqual([]);
    expect(issuesOf({ args: many(257, 'x') })).toEqual([expect.stringContaining('args: ')]);
    expect(issuesOf({ env: variables(257, 'x') })).toEqual(['env: at most 256 variables']);
    expect(issuesOf({ args: many(10, 'é'.repeat(6000)) })).toEqual([]);
    expect(issuesOf({ args: many(11, 'é'.repeat(6000)) })).toEqual([
      'args: at most 128 KiB for all arguments together',
    ]);
    expect(issuesOf({ env: variables(11, 'é'.repeat(6000)) })).toEqual([
      'env: at most 128 KiB for all variables together',
    ]);
    expect(issuesOf({ args: ['x'.repeat(32_769)] })).toEqual([expect.stringContaining('args.0: ')]);
  });
});

describe('the other fields', () => {
  it.each([
    ['runtime', 'Python'],
    ['runtime', 'x'.repeat(33)],
    ['policy', '../default'],
    ['isolation', 'none'],
    ['lane', 'express'],
    ['queueTimeoutMs', 99],
    ['queueTimeoutMs', 1e308],
    ['queueTimeoutMs', 1.5],
    ['queueTimeoutMs', -1],
    ['entry', '../x'],
    ['entry', '/etc/passwd'],
    ['artifacts', ['/etc/*']],
    ['artifacts', ['../*']],
    ['artifacts', ['a//b']],
    ['artifacts', ['a\\b']],
    ['artifacts', ['a\0']],
    ['artifacts', ['']],
    ['artifacts', ['x'.repeat(257)]],
    ['artifacts', Array.from({ length: 65 }, () => '*')],
    ['egress', [{ host: '169.254.169.254' }]],
    ['egress', [{ host: 'localhost' }]],
    ['egress', [{ host: 'a.b', ports: [65_536] }]],
    ['egress', Array.from({ length: 65 }, () => ({ host: 'a.bc' }))],
    ['labels', { Upper: 'x' }],
    ['labels', { a: 'x'.repeat(257) }],
    ['labels', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, '']))],
  ])('refuse %s: %j', (field, value) => {
    const issues = issuesOf({ [field]: value });
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.every((issue) => issue.startsWith(field))).toBe(true);
  });
});

describe('a hostile body', () => {
  const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  it.each(Object.keys(FULL))('does not get deep: 100,000 levels in %s are refused at the first', (field) => {
    const issues = issuesOf({ [field]: deep(100_000) });
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.length).toBeLessThan(5);
  });

  // Refused for their number, so with one fault; looked at one by one they would have as many faults as members.
  it.each([
    ['files', Array.from({ length: 200_000 }, () => ({}))],
    ['args', Array.from({ length: 200_000 }, () => 1)],
    ['egress', Array.from({ length: 200_000 }, () => ({}))],
    ['artifacts', Array.from({ length: 200_000 }, () => 1)],
    ['env', Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`-${index}`, 1]))],
    ['labels', Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`-${index}`, 1]))],
  ])('does not get wide: 200,000 bad members of %s are one fault', (field, value) => {
    expect(issuesOf({ [field]: value })).toHaveLength(1);
  });

  it('gets a short answer to 200,000 unknown keys', () => {
    const [issue, ...others] = issuesOf(
      Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1])),
    );
    expect(issue).toMatch(
      /^: unknown keys "k0", "k1", "k2", "k3", "k4" and 199995 more; known here: runtime/,
    );
    expect(issue?.length).toBeLessThan(500);
    expect(others).toEqual([]);
  });

  it.each([
    ['runtime', 'a'.repeat(5_000_000)],
    ['entry', 'a/'.repeat(2_500_000)],
    ['artifacts', ['/'.repeat(5_000_000)]],
    ['policy', '-'.repeat(5_000_000)],
    ['egress', [{ host: 'a.'.repeat(2_500_000) }]],
  ])('has its long %s refused without being taken apart', (field, value) => {
    const issues = issuesOf({ [field]: value });
    expect(issues.length).toBeGreaterThan(0);
    expect(issues.join('').length).toBeLessThan(2000);
  });
});

it('shows the environment as an object of texts in JSON Schema, though its members are counted first', () => {
  expect(z.toJSONSchema(JobRequestSchema, { io: 'input' })).toMatchObject({
    properties: { env: { type: 'object', additionalProperties: { type: 'string', maxLength: 32_768 } } },
    required: ['runtime'],
    additionalProperties: false,
  });
});
