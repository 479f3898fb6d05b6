import { describe, expect, it } from 'vitest';
import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from './built-in-limits.js';
import { policyDigest } from './policy-digest.js';
import { type Capabilities, resolve } from './resolve.js';
import { DIGEST, node, OTHER_DIGEST, policyOf, python, requestOf, runtimes } from './testing/samples.js';

const MIB = 1024 * 1024;

const planOf = (...[request, policy]: [ReturnType<typeof requestOf>, ReturnType<typeof policyOf>?]) => {
  const resolution = resolve(request, policy ?? policyOf(), { runtimes });
  if ('denials' in resolution) throw new Error(JSON.stringify(resolution.denials));
  return resolution.plan;
};

const denialsOf = (
  request: ReturnType<typeof requestOf>,
  policy = policyOf(),
  capabilities?: Capabilities,
  known = runtimes,
) => {
  const resolution = resolve(request, policy, { runtimes: known, ...(capabilities && { capabilities }) });
  return 'denials' in resolution ? resolution.denials : [];
};

describe('a plan', () => {
  it('holds all that a worker needs', () => {
    const policy = policyOf();
    expect(planOf(requestOf({ args: ['--fast'], artifacts: ['*.png'] }), policy)).toEqual({
      policy: { name: 'small', digest: policyDigest(policy) },
      runtime: 'python',
      entry: 'main.py',
      profile: {
        runtime: 'python',
        imageDigest: DIGEST,
        isolation: 'container',
        network: 'none',
        limits: {
          cpus: 1,
          memoryBytes: 512 * MIB,
          pids: 64,
          workspaceBytes: 64 * MIB,
          workspaceInodes: 4096,
          openFiles: 256,
          fileSizeBytes: 64 * MIB,
        },
      },
      command: {
        argv: ['/usr/bin/python3', 'main.py', '--fast'],
        env: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: '/workspace',
          TMPDIR: '/tmp',
          LANG: 'C.UTF-8',
          PYTHONUNBUFFERED: '1',
        },
        artifacts: ['*.png'],
        limits: {
          wallTimeMs: 30_000,
          cpuTimeMs: 300_000,
          outputBytes: MIB,
          artifactCount: 16,
          artifactBytes: 8 * MIB,
        },
      },
      limits: BUILT_IN_DEFAULTS,
      egress: [],
      lane: 'interactive',
      queueTimeoutMs: 600_000,
      retentionMs: 86_400_000,
    });
  });

  it("names the runtime itself, with the alias's entry file", () => {
    const plan = planOf(requestOf({ runtime: 'typescript' }));
    expect(plan).toMatchObject({
      runtime: 'node',
      entry: 'main.ts',
      profile: { runtime: 'node', imageDigest: OTHER_DIGEST },
    });
    expect(plan.command).toMatchObject({
      compile: ['/usr/bin/check', '--file=main.ts'],
      argv: ['/usr/bin/node', 'main.ts'],
    });
  });

  it("takes the runtime's entry file for an alias that has none of its own", () => {
    expect(planOf(requestOf({ runtime: 'javascript' })).entry).toBe('main.mjs');
  });

  it('runs the entry that was asked for, among the files', () => {
    const request = requestOf({
      code: undefined,
      entry: 'lib/run.py',
      files: [{ path: 'lib/run.py', content: '' }],
    });
    expect(planOf(request).command.argv).toEqual(['/usr/bin/python3', 'lib/run.py']);
  });

  it('hands an entry that looks like an option over as a file', () => {
    expect(planOf(requestOf({ entry: '-c' })).command.argv).toEqual(['/usr/bin/python3', './-c']);
  });

  it('puts the entry into the template as it is, and leaves {entry} in arguments alone', () => {
    const argv = planOf(requestOf({ entry: '$&{entry}', args: ['{entry}'] })).command.argv;
    expect(argv).toEqual(['/usr/bin/python3', '$&{entry}', '{entry}']);
  });

  it("has the request's variables over the runtime's over the base", () => {
    const known = new Map([['python', { ...python, env: { PATH: '/opt/bin', A: 'runtime', B: 'runtime' } }]]);
    const resolution = resolve(requestOf({ env: { B: 'request', constructor: 'mine' } }), policyOf(), {
      runtimes: known,
    });
    expect(resolution).toMatchObject({
      plan: {
        command: {
          env: { PATH: '/opt/bin', A: 'runtime', B: 'request', constructor: 'mine', HOME: '/workspace' },
        },
      },
    });
  });

  it("goes through the door to the hosts asked for, and to no other of the policy's", () => {
    const policy = policyOf({
      egress: [{ host: '*.example.com', ports: [443, 8443] }, { host: 'example.org' }],
    });
    const plan = planOf(requestOf({ egress: [{ host: 'api.example.com' }] }), policy);
    expect(plan.egress).toEqual([{ host: 'api.example.com', ports: [443] }]);
    expect(plan.profile.network).toBe('door');
  });

  it('accepts a limit at its ceiling', () => {
    expect(planOf(requestOf({ limits: { ...BUILT_IN_CEILINGS } })).limits).toEqual(BUILT_IN_CEILINGS);
  });

  it('takes what a host can do into account only where that is told', () => {
    const policy = policyOf({ isolation: { allowed: ['container', 'gvisor'], default: 'gvisor' } });
    expect(planOf(requestOf(), policy).profile.isolation).toBe('gvisor');
    expect(denialsOf(requestOf(), policy, { isolation: ['gvisor'], egress: false })).toEqual([]);
  });
});

describe('a denial', () => {
  it('comes with all the others', () => {
    const request = requestOf({
      runtime: 'cobol',
      limits: { cpus: 99, memoryBytes: 2 ** 40 },
      isolation: 'gvisor',
      egress: [{ host: 'evil.example' }],
      lane: 'batch',
      queueTimeoutMs: 7 * 86_400_000,
      retryOnLoss: true,
      stdin: 'x'.repeat(9 * MIB),
    });
    const policy = policyOf({ lanes: ['interactive'], allowRetryOnLoss: false });
    const denials = denialsOf(request, policy, { isolation: ['container'], egress: false });
    expect(denials.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'runtime_unknown /runtime',
      'limit_above_ceiling /limits/cpus',
      'limit_above_ceiling /limits/memoryBytes',
      'input_too_large /stdin',
      'isolation_not_allowed /isolation',
      'isolation_unavailable /isolation',
      'egress_not_allowed /egress/0/host',
      'egress_unavailable /egress',
      'lane_not_allowed /lane',
      'queue_timeout_above_ceiling /queueTimeoutMs',
      'retry_not_allowed /retryOnLoss',
    ]);
  });

  it('of an unknown runtime lists the known ones', () => {
    expect(denialsOf(requestOf({ runtime: 'cobol' }))[0]?.reason).toBe(
      'There is no runtime cobol; there are: javascript, node, py, python, ts, typescript.',
    );
  });

  it.each(['constructor', 'hasownproperty', 'valueof'])(
    'is given to %s, which is no runtime but in the nature of objects',
    (runtime) => {
      expect(denialsOf(requestOf({ runtime }))).toMatchObject([{ code: 'runtime_unknown' }]);
    },
  );

  it('of a runtime that the policy leaves out lists the allowed ones', () => {
    const denials = denialsOf(
      requestOf({ runtime: 'ts', limits: { memoryBytes: 128 * MIB } }),
      policyOf({ runtimes: { python: {} } }),
    );
    expect(denials).toEqual([
      {
        code: 'runtime_not_allowed',
        path: '/runtime',
        reason: 'Policy small does not allow the runtime node; it allows: python.',
      },
    ]);
  });

  it('meets a runtime called constructor that the host has and the policy does not name', () => {
    const known = new Map([['constructor', { ...python, name: 'constructor' }]]);
    expect(denialsOf(requestOf({ runtime: 'constructor' }), policyOf(), undefined, known)).toMatchObject([
      { code: 'runtime_not_allowed' },
    ]);
  });

  it('meets an image that is not the pinned one', () => {
    expect(denialsOf(requestOf(), policyOf({ runtimes: { python: { images: [DIGEST] } } }))).toEqual([]);
    expect(
      denialsOf(requestOf(), policyOf({ runtimes: { python: { images: [OTHER_DIGEST] } } })),
    ).toMatchObject([{ code: 'image_not_allowed', path: '/runtime' }]);
  });

  it('of a limit above its ceiling says what could be asked for', () => {
    expect(denialsOf(requestOf({ limits: { memoryBytes: 4 * 1024 * MIB, cpus: 3 } }))).toEqual([
      {
        code: 'limit_above_ceiling',
        path: '/limits/cpus',
        reason: '3 is above the ceiling of policy small; ask for at most 2.',
      },
      {
        code: 'limit_above_ceiling',
        path: '/limits/memoryBytes',
        reason: '4 GiB is above the ceiling of policy small; ask for at most 2147483648 (2 GiB).',
      },
    ]);
  });

  it('of a limit below what the runtime needs says what to ask for', () => {
    const [asked] = denialsOf(requestOf({ runtime: 'node', limits: { pids: 4 } }));
    expect(asked).toEqual({
      code: 'limit_below_minimum',
      path: '/limits/pids',
      reason: '4 is less than the 16 that runtime node needs; ask for at least 16.',
    });
  });

  it('begins one below what the runtime needs, and one above what the queue allows', () => {
    const denied = (part: Parameters<typeof requestOf>[0]) =>
      denialsOf(requestOf(part)).map(({ code }) => code);
    expect(denied({ runtime: 'node', limits: { pids: 16 } })).toEqual([]);
    expect(denied({ runtime: 'node', limits: { pids: 15 } })).toEqual(['limit_below_minimum']);
    expect(denied({ queueTimeoutMs: 3_600_000 })).toEqual([]);
    expect(denied({ queueTimeoutMs: 3_600_001 })).toEqual(['queue_timeout_above_ceiling']);
  });

  it('tells a default that is too low for the runtime from a ceiling that is', () => {
    const low = policyOf({ limits: { defaults: { pids: 8 } } });
    expect(denialsOf(requestOf({ runtime: 'node' }), low)[0]?.reason).toBe(
      '8, the default of policy small, is less than the 16 that runtime node needs; ask for at least 16.',
    );
    const lower = policyOf({ limits: { defaults: { pids: 8 }, ceilings: { pids: 8 } } });
    expect(denialsOf(requestOf({ runtime: 'node' }), lower)[0]?.reason).toContain(
      "the policy's ceiling of 8 is below that",
    );
  });

  it.each([
    ['nothing at all', {}, '/code'],
    [
      'an entry that is not among the files',
      { entry: 'b.py', files: [{ path: 'a.py', content: '' }] },
      '/entry',
    ],
  ])('meets %s to run', (_what, part, path) => {
    const [denial] = denialsOf(requestOf({ code: undefined, ...part }));
    expect(denial).toMatchObject({ code: 'entry_missing', path });
  });

  it('of a missing entry names the files that are there', () => {
    const [denial] = denialsOf(requestOf({ code: undefined, files: [{ path: 'a.py', content: '' }] }));
    expect(denial?.reason).toBe(
      'There is nothing to run at main.py; give `code`, add a file with that path, or set `entry` to a file that is there, such as a.py.',
    );
  });

  it.each([
    ['has the path of the code', 'main.py', undefined],
    ['needs a directory where the code is', 'main.py/a', undefined],
    ['is where the code needs a directory', 'src', 'src/main.py'],
  ])('meets a file that %s', (_what, path, entry) => {
    const files = [
      { path: 'fine.txt', content: '' },
      { path, content: '' },
    ];
    expect(denialsOf(requestOf({ files, ...(entry && { entry }) }))).toMatchObject([
      { code: 'entry_conflict', path: '/files/1/path' },
    ]);
  });

  it('leaves the entry alone where the runtime is unknown', () => {
    expect(denialsOf(requestOf({ runtime: 'cobol', code: undefined }))).toMatchObject([
      { code: 'runtime_unknown' },
    ]);
  });

  it.each([
    ['the domain itself of a wildcard', { host: 'example.com', ports: [443] }, '/egress/0/host'],
    ['a name that only ends alike', { host: 'evilexample.com', ports: [443] }, '/egress/0/host'],
    ['a name that only begins alike', { host: 'api.example.com.evil.org', ports: [443] }, '/egress/0/host'],
    ['a wildcard wider than what is allowed', { host: '*.com.', ports: [443] }, undefined],
    ['a wildcard where one host is allowed', { host: '*.example.org', ports: [443] }, '/egress/0/host'],
    ['another port', { host: 'api.example.com', ports: [443, 22] }, '/egress/0/ports/1'],
  ])('meets egress to %s', (_what, rule, path) => {
    if (path === undefined) return expect(() => requestOf({ egress: [rule] })).toThrow();
    const policy = policyOf({ egress: [{ host: '*.example.com' }, { host: 'example.org' }] });
    expect(denialsOf(requestOf({ egress: [rule] }), policy)).toMatchObject([
      { code: 'egress_not_allowed', path },
    ]);
  });

  it('meets any egress when the policy lists none', () => {
    expect(denialsOf(requestOf({ egress: [{ host: 'example.com' }] }))[0]?.reason).toBe(
      'Policy small does not allow example.com; it allows no host at all.',
    );
  });

  it('meets a weaker tier than the only one that is allowed', () => {
    const policy = policyOf({ isolation: { allowed: ['gvisor'], default: 'gvisor' } });
    expect(denialsOf(requestOf({ isolation: 'container' }), policy)).toMatchObject([
      { code: 'isolation_not_allowed', path: '/isolation' },
    ]);
  });

  it('meets a tier that is allowed and not there', () => {
    const policy = policyOf({ isolation: { allowed: ['container', 'gvisor'] } });
    expect(
      denialsOf(requestOf({ isolation: 'gvisor' }), policy, { isolation: ['container'], egress: true }),
    ).toEqual([
      {
        code: 'isolation_unavailable',
        path: '/isolation',
        reason: 'Isolation gvisor is not available here; there is: container.',
      },
    ]);
  });
});

describe('the input', () => {
  it('may have exactly as many bytes as its limit allows, counted after decoding', () => {
    const bytes = (length: number) => Buffer.alloc(length, 7).toString('base64');
    const request = (length: number) =>
      requestOf({
        code: 'ü',
        files: [{ path: 'a', contentBase64: bytes(length) }],
        stdinBase64: bytes(5),
        limits: { inputBytes: 107 },
      });
    expect(denialsOf(request(100))).toEqual([]);
    expect(denialsOf(request(101))).toMatchObject([
      { code: 'input_too_large', path: '/files/0', reason: expect.stringContaining('108 bytes') },
    ]);
  });

  it('must fit into the workspace page by page', () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `f${index}`, content: 'x' }));
    const limits = { workspaceBytes: MIB };
    expect(denialsOf(requestOf({ files: files(255), limits }))).toEqual([]);
    expect(denialsOf(requestOf({ files: files(256), limits }))).toMatchObject([{ code: 'input_too_large' }]);
  });

  it('must fit into the inodes, directories included', () => {
    const files = Array.from({ length: 30 }, (_, index) => ({ path: `d${index}/f`, content: '' }));
    const limits = { workspaceInodes: 64 };
    // Thirty files, thirty directories, the workspace, main.py: 62.
    expect(denialsOf(requestOf({ files, limits }))).toEqual([]);
    expect(denialsOf(requestOf({ files, limits, entry: 'a/b/main.py' }))).toEqual([]);
    expect(denialsOf(requestOf({ files, limits, entry: 'a/b/c/main.py' }))).toMatchObject([
      { code: 'input_too_large', path: '/files' },
    ]);
  });
});

it('keeps what the sandbox enforces apart from what the worker enforces, and loses neither', () => {
  const { profile, command, limits } = planOf(requestOf({ runtime: node.name }));
  const names = [...Object.keys(profile.limits), ...Object.keys(command.limits), 'inputBytes'];
  expect(names.sort()).toEqual(Object.keys(limits).sort());
});
