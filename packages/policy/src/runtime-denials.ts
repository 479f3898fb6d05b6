import type { Denial, JobRequest, Runtime } from '@fumehood/schema';
import { findRuntime, runtimeNames } from './find-runtime.js';
import { listed } from './listed.js';
import type { Policy } from './policy-schema.js';

/** Whether the runtime is known, allowed, and has an allowed image. */
export function* runtimeDenials(
  request: JobRequest,
  policy: Policy,
  runtimes: ReadonlyMap<string, Runtime>,
): Generator<Denial> {
  const path = '/runtime';
  const runtime = findRuntime(runtimes, request.runtime)?.runtime;
  if (runtime === undefined) {
    const reason = `There is no runtime ${request.runtime}; there are: ${listed(runtimeNames(runtimes))}.`;
    yield { code: 'runtime_unknown', path, reason };
    return;
  }
  const { name, imageDigest } = runtime;
  const rule = Object.hasOwn(policy.runtimes, name) ? policy.runtimes[name] : undefined;
  if (rule === undefined) {
    const reason = `Policy ${policy.name} does not allow the runtime ${name}; it allows: ${listed(Object.keys(policy.runtimes).sort())}.`;
    yield { code: 'runtime_not_allowed', path, reason };
    return;
  }
  if (rule.images !== undefined && !rule.images.includes(imageDigest)) {
    const reason = `Policy ${policy.name} does not allow ${imageDigest}, the image that runtime ${name} has here; it allows: ${listed(rule.images)}.`;
    yield { code: 'image_not_allowed', path, reason };
  }
}
