import { DenialSchema, LIMIT_NAMES, LimitsSchema, PlanSchema } from '@fumehood/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findRuntime } from './find-runtime.js';
import { PolicySchema } from './policy-schema.js';
import { type Resolution, resolve } from './resolve.js';
import { anyCase, boundsOf, type Case } from './testing/arbitraries.js';

const resolveCase = ({ request, policy, runtimes }: Case) => resolve(request, policy, { runtimes });

const denialsOf = (resolution: Resolution) => ('denials' in resolution ? resolution.denials : []);

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
}

/** Whether all of a pointer but its last step is there. */
function parentExists(value: unknown, pointer: string): boolean {
  const steps = pointer.split('/').slice(1, -1);
  let current = value;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return false;
    current = Reflect.get(current, step);
  }
  return typeof current === 'object' && current !== null;
}

describe('for any request, policy and runtimes', () => {
  it('there is either a plan or at least one denial', () => {
    let plans = 0;
    let denied = 0;
    fc.assert(
      fc.property(anyCase, (any) => {
        const resolution = resolveCase(any);
        if ('plan' in resolution) plans += 1;
        else denied += 1;
        expect('plan' in resolution).not.toBe(denialsOf(resolution).length > 0);
      }),
      { numRuns: 500 },
    );
    // The generator is worth something only while it finds both.
    expect(Math.min(plans, denied)).toBeGreaterThan(20);
  });

  it('a plan gives every limit as asked or as the default, at most the ceiling and at least what the runtime needs', () => {
    fc.assert(
      fc.property(anyCase, (any) => {
        const resolution = resolveCase(any);
        fc.pre('plan' in resolution);
        const { plan } = resolution;
        const { defaults, ceilings } = any.policy.limits;
        const minimums = findRuntime(any.runtimes, any.request.runtime)?.runtime.minimums;
        for (const name of LIMIT_NAMES) {
          expect(plan.limits[name]).toBe(any.request.limits[name] ?? defaults[name]);
          expect(plan.limits[name]).toBeLessThanOrEqual(ceilings[name]);
          expect(plan.limits[name]).toBeGreaterThanOrEqual(minimums?.[name] ?? 0);
        }
        expect(plan.limits).toMatchObject({ ...plan.profile.limits, ...plan.command.limits });
      }),
      { numRuns: 500 },
    );
  });

  it('a plan is what its schema says, and asks for nothing that the policy does not allow', () => {
    fc.assert(
      fc.property(anyCase, ({ request, policy, runtimes }) => {
        const resolution = resolve(request, policy, { runtimes });
        fc.pre('plan' in resolution);
        const { plan } = resolution;
        expect(PlanSchema.parse(plan)).toEqual(plan);
        expect(Object.keys(policy.runtimes)).toContain(plan.runtime);
        expect(policy.isolation.allowed).toContain(plan.profile.isolation);
        expect(policy.lanes).toContain(plan.lane);
        expect(plan.queueTimeoutMs).toBeLessThanOrEqual(policy.queue.maxTimeoutMs);
        expect(plan.egress).toEqual(request.egress);
        expect(plan.profile.network).toBe(request.egress.length === 0 ? 'none' : 'door');
      }),
    );
  });

  it('every denial is well-formed and its path points into the request', () => {
    fc.assert(
      fc.property(anyCase, (any) => {
        for (const denial of denialsOf(resolveCase(any))) {
          DenialSchema.parse(denial);
          expect(denial.path).toMatch(/^(\/[^/]+)+$/);
          expect(parentExists(any.request, denial.path), denial.path).toBe(true);
          expect(denial.reason).toMatch(/^[^\n]+\.$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the answer is the same each time, and nothing that was given is changed', () => {
    fc.assert(
      fc.property(anyCase, (any) => {
        const before = structuredClone(any);
        deepFreeze(any.request);
        deepFreeze(any.policy);
        for (const runtime of any.runtimes.values()) deepFreeze(runtime);
        expect(resolveCase(any)).toEqual(resolveCase(any));
        expect(any).toEqual(before);
      }),
    );
  });

  it('asking for more keeps every denial but those that say that something was too little', () => {
    const TOO_LITTLE = new Set(['limit_below_minimum', 'input_too_large']);
    fc.assert(
      fc.property(anyCase, fc.nat(), (any, seed) => {
        const raised = Object.fromEntries(
          Object.entries(any.request.limits).map(([name, value], index) => {
            const [, most] = boundsOf(LIMIT_NAMES.find((limit) => limit === name) ?? 'cpus');
            return [name, Math.min(most, (value ?? 0) + ((seed >> index) % 1000))];
          }),
        );
        const places = (request: Case['request']) =>
          denialsOf(resolveCase({ ...any, request }))
            .filter(({ code }) => !TOO_LITTLE.has(code))
            .map(({ code, path }) => `${code} ${path}`);
        expect(places({ ...any.request, limits: raised })).toEqual(
          expect.arrayContaining(places(any.request)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('one more than the ceiling is refused at that limit, whatever else is asked', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...LIMIT_NAMES), (any, name) => {
        const above = any.policy.limits.ceilings[name] + 1;
        fc.pre(above <= boundsOf(name)[1]);
        const request = { ...any.request, limits: { ...any.request.limits, [name]: above } };
        expect(denialsOf(resolveCase({ ...any, request }))).toContainEqual(
          expect.objectContaining({ code: 'limit_above_ceiling', path: `/limits/${name}` }),
        );
      }),
    );
  });

  it('a policy with higher ceilings allows what a lower one allows, with the same limits', () => {
    fc.assert(
      fc.property(anyCase, (any) => {
        const resolution = resolveCase(any);
        fc.pre('plan' in resolution);
        const ceilings = LimitsSchema.parse(
          Object.fromEntries(LIMIT_NAMES.map((name) => [name, boundsOf(name)[1]])),
        );
        const policy = PolicySchema.parse({ ...any.policy, limits: { ...any.policy.limits, ceilings } });
        expect(resolveCase({ ...any, policy })).toMatchObject({ plan: { limits: resolution.plan.limits } });
      }),
    );
  });
});
