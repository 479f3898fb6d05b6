import {
  ISOLATION_TIERS,
  type JobRequest,
  type JobRequestInput,
  JobRequestSchema,
  LANES,
  LIMIT_NAMES,
  type LimitName,
  type Limits,
  LimitsSchema,
  type PartialLimits,
  type Runtime,
  RuntimeSchema,
} from '@fumehood/schema';
import fc from 'fast-check';
import { type Policy, PolicySchema } from '../policy-schema.js';
import { DIGEST, OTHER_DIGEST } from './samples.js';

/** A request, a policy and the runtimes of a host: any that the schemas let pass, so chosen that plans and every kind of denial occur. */
export interface Case {
  readonly request: JobRequest;
  readonly policy: Policy;
  readonly runtimes: ReadonlyMap<string, Runtime>;
}

const NAMES = ['python', 'node', 'constructor', 'c++'] as const;
const ALIASES = ['py', 'ts', 'valueof', 'hasown'] as const;
const PATHS = [
  'main.py',
  'main.ts',
  'a.txt',
  '-c',
  'lib/a.py',
  'lib/deep/b.py',
  'data/ü.csv',
  '$&{entry}',
] as const;
const HOSTS = [
  'example.com',
  'api.example.com',
  'a.b.example.com',
  '*.example.com',
  '*.b.example.com',
  'example.org',
];

export const boundsOf = (name: LimitName): readonly [number, number] => {
  const { minValue, maxValue } = LimitsSchema.shape[name];
  if (minValue === null || maxValue === null) throw new Error(`${name} has no bounds`);
  return [minValue, maxValue];
};

/** A value of a limit between two others. Small ones are as likely as large ones, and the ends likelier than what is between. */
function limitBetween(name: LimitName, low: number, high: number): fc.Arbitrary<number> {
  const whole = (value: number) => (name === 'cpus' ? value : Math.floor(value));
  const inner = fc.integer({ min: 0, max: 1000 }).map((t) => whole(low + (high - low) * (t / 1000) ** 6));
  return fc.oneof({ weight: 2, arbitrary: inner }, fc.constantFrom(whole(low), whole(high)));
}

const limitsBetween = (low: (name: LimitName) => number, high: (name: LimitName) => number) =>
  fc
    .tuple(...LIMIT_NAMES.map((name) => limitBetween(name, low(name), high(name))))
    .map((values) =>
      LimitsSchema.parse(Object.fromEntries(LIMIT_NAMES.map((name, index) => [name, values[index]]))),
    );

/** Some of the limits: usually few. */
function someLimits(
  low: (name: LimitName) => number,
  high: (name: LimitName) => number,
): fc.Arbitrary<PartialLimits> {
  return fc
    .tuple(limitsBetween(low, high), fc.subarray([...LIMIT_NAMES], { maxLength: 3 }))
    .map(([limits, names]) => Object.fromEntries(names.map((name) => [name, limits[name]])));
}

const egress = fc.array(
  fc.record({
    host: fc.constantFrom(...HOSTS),
    ports: fc.uniqueArray(fc.constantFrom(80, 443, 8443), { minLength: 1 }),
  }),
  { maxLength: 3 },
);

const policyWith = (ceilings: Limits): fc.Arbitrary<Policy> =>
  fc
    .record({
      defaults: limitsBetween(
        (name) => boundsOf(name)[0],
        (name) => ceilings[name],
      ),
      runtimes: fc.dictionary(
        fc.constantFrom(...NAMES),
        fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.constant({ images: [DIGEST] })),
        { minKeys: 1 },
      ),
      allowed: fc.subarray([...ISOLATION_TIERS], { minLength: 1 }),
      egress,
      lanes: fc.subarray([...LANES], { minLength: 1 }),
      maxTimeoutMs: fc.integer({ min: 100, max: 7 * 86_400_000 }),
      allowRetryOnLoss: fc.boolean(),
    })
    .map(({ defaults, allowed, maxTimeoutMs, ...rest }) =>
      PolicySchema.parse({
        ...rest,
        apiVersion: 'fumehood/v1',
        name: 'any',
        limits: { defaults, ceilings },
        isolation: { allowed, default: allowed[0] },
        queue: { maxTimeoutMs, defaultTimeoutMs: Math.max(100, Math.floor(maxTimeoutMs / 2)) },
      }),
    );

const runtime = (name: (typeof NAMES)[number]): fc.Arbitrary<Runtime> =>
  fc
    .record({
      minimums: fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        someLimits(
          (limit) => boundsOf(limit)[0],
          (limit) => boundsOf(limit)[1],
        ),
      ),
      imageDigest: fc.constantFrom(DIGEST, OTHER_DIGEST),
      compiles: fc.boolean(),
      env: fc.dictionary(fc.constantFrom('PATH', 'A', 'constructor'), fc.string({ maxLength: 5 }), {
        noNullPrototype: true,
      }),
    })
    .map(({ compiles, ...rest }) => {
      const alias = ALIASES[NAMES.indexOf(name)];
      return RuntimeSchema.parse({
        ...rest,
        ...(compiles ? { compile: ['/usr/bin/compile', '{entry}', '-o={entry}.out'] } : {}),
        name,
        title: name,
        aliases: alias === undefined ? {} : { [alias]: { entry: 'main.ts' } },
        entry: 'main.py',
        run: ['/usr/bin/run', '{entry}'],
      });
    });

const runtimesOf = fc
  .tuple(fc.subarray([...NAMES], { minLength: 1 }), fc.tuple(...NAMES.map(runtime)))
  .map(
    ([names, all]): ReadonlyMap<string, Runtime> =>
      new Map(all.filter(({ name }) => names.some((n) => n === name)).map((one) => [one.name, one])),
  );

const content = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 50 }).map((text) => ({ content: text })),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => ({ contentBase64: Buffer.from(bytes).toString('base64') })),
  fc.integer({ min: 0, max: 20_000 }).map((bytes) => ({ content: 'x'.repeat(bytes) })),
);
const file = fc
  .tuple(fc.constantFrom(...PATHS), content, fc.boolean())
  .map(([path, what, executable]) => ({ path, executable, ...what }));

/** Any request whose limits are asked around a policy's ceilings: a little below, at, and a little above. */
const requestFor = (ceilings: Limits): fc.Arbitrary<JobRequest> =>
  fc
    .record(
      {
        runtime: fc.constantFrom(...NAMES, ...ALIASES, 'unknown'),
        code: fc.string({ maxLength: 100 }),
        entry: fc.constantFrom(...PATHS),
        files: fc.uniqueArray(file, { maxLength: 4, selector: ({ path }) => path }),
        args: fc.array(fc.string({ maxLength: 10 }), { maxLength: 3 }),
        env: fc.dictionary(fc.constantFrom('PATH', 'HOME', 'X', 'constructor'), fc.string({ maxLength: 9 }), {
          noNullPrototype: true,
        }),
        stdin: fc.string({ maxLength: 100 }),
        limits: someLimits(
          (name) => boundsOf(name)[0],
          (name) => Math.min(boundsOf(name)[1], ceilings[name] * 1.2 + 1),
        ),
        artifacts: fc.subarray(['*.png', 'out/**']),
        isolation: fc.constantFrom(...ISOLATION_TIERS),
        egress,
        lane: fc.constantFrom(...LANES),
        queueTimeoutMs: fc.integer({ min: 100, max: 7 * 86_400_000 }),
        retryOnLoss: fc.boolean(),
      } satisfies { [K in keyof JobRequestInput]: fc.Arbitrary<JobRequestInput[K]> },
      { requiredKeys: ['runtime'] },
    )
    .map((input) => JobRequestSchema.safeParse(input))
    .filter((parsed) => parsed.success)
    .map((parsed) => JobRequestSchema.parse(parsed.data));

const ceilingsOf = limitsBetween(
  (name) => boundsOf(name)[0],
  (name) => boundsOf(name)[1],
);

const wildCase: fc.Arbitrary<Case> = ceilingsOf.chain((ceilings) =>
  fc.record({ policy: policyWith(ceilings), request: requestFor(ceilings), runtimes: runtimesOf }),
);

/** Each takes one kind of denial away, as a case that nothing was taken from is denied for one reason or another nearly always. */
const TAMINGS: readonly ((wild: Case) => Case)[] = [
  ({ runtimes, ...rest }) => ({
    ...rest,
    runtimes,
    request: { ...rest.request, runtime: [...runtimes.keys()][0] ?? 'python' },
  }),
  ({ policy, ...rest }) => ({
    ...rest,
    policy: { ...policy, runtimes: Object.fromEntries(NAMES.map((name) => [name, {}])) },
  }),
  ({ request, policy, ...rest }) => {
    const limits = { ...request.limits };
    for (const name of LIMIT_NAMES) {
      if (limits[name] !== undefined) limits[name] = Math.min(limits[name], policy.limits.ceilings[name]);
    }
    return { ...rest, policy, request: { ...request, limits } };
  },
  ({ runtimes, ...rest }) => ({
    ...rest,
    runtimes: new Map([...runtimes].map(([name, one]) => [name, { ...one, minimums: {} }])),
  }),
  ({ request, policy, ...rest }) => {
    const { inputBytes: _asked, ...limits } = request.limits;
    const { defaults, ceilings } = policy.limits;
    const inputBytes = Math.max(ceilings.inputBytes, 200_000);
    const generous = { defaults: { ...defaults, inputBytes }, ceilings: { ...ceilings, inputBytes } };
    return { ...rest, request: { ...request, limits }, policy: { ...policy, limits: generous } };
  },
  ({ request, ...rest }) => ({ ...rest, request: { ...request, code: 'x', entry: 'its/own.py' } }),
  ({ request, policy, ...rest }) => {
    const { isolation: _isolation, queueTimeoutMs: _queueTimeoutMs, ...others } = request;
    const lane = policy.lanes[0] ?? 'batch';
    return { ...rest, policy, request: { ...others, lane, retryOnLoss: false, egress: policy.egress } };
  },
];

/** Wild altogether, or tame but for a few kinds of denial. */
export const anyCase: fc.Arbitrary<Case> = fc
  .tuple(
    wildCase,
    fc.oneof(
      { weight: 4, arbitrary: fc.subarray([...TAMINGS.keys()], { maxLength: 2 }) },
      fc.constant([...TAMINGS.keys()]),
    ),
  )
  .map(([wild, untamed]) => {
    const tame = TAMINGS.filter((_, index) => !untamed.includes(index)).reduce(
      (current, taming) => taming(current),
      wild,
    );
    return {
      ...tame,
      policy: PolicySchema.parse(tame.policy),
      request: JobRequestSchema.parse(tame.request),
    };
  });
