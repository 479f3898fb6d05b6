import type { Denial, IsolationTier, JobRequest, Limits, Plan, Runtime } from '@fumehood/schema';
import { LIMIT_NAMES } from '@fumehood/schema';
import { commandEnv } from './command-env.js';
import { egressDenials } from './egress-denials.js';
import { entryDenials } from './entry-denials.js';
import { type FoundRuntime, findRuntime } from './find-runtime.js';
import { inputDenials } from './input-denials.js';
import { limitDenials } from './limit-denials.js';
import { policyDigest } from './policy-digest.js';
import type { Policy } from './policy-schema.js';
import { formatMs } from './quantity.js';
import { runtimeDenials } from './runtime-denials.js';

/** What a host, or a fleet, is able to do. */
export interface Capabilities {
  readonly isolation: readonly IsolationTier[];
  readonly egress: boolean;
}

export interface ResolveContext {
  /** By name; see `loadRuntimes`. */
  readonly runtimes: ReadonlyMap<string, Runtime>;
  /** Left out: what the host can do is not looked at. */
  readonly capabilities?: Capabilities;
}

/** A plan, or every reason against one. */
export type Resolution = { readonly plan: Plan } | { readonly denials: readonly Denial[] };

/**
 * Turns a request into the plan of what will run, under a policy. Pure. What passes a ceiling is refused, never clamped; what is
 * not asked for is the policy's default. Every denial's path points into the request.
 */
export function resolve(
  request: JobRequest,
  policy: Policy,
  { runtimes, capabilities }: ResolveContext,
): Resolution {
  const found = findRuntime(runtimes, request.runtime);
  const entry = request.entry ?? found?.entry;
  const limits = effectiveLimits(request, policy);
  const isolation = request.isolation ?? policy.isolation.default;
  const denials = [
    ...runtimeDenials(request, policy, runtimes),
    ...limitDenials(request, policy, limits, found?.runtime),
    ...inputDenials(request, limits, entry),
    ...entryDenials(request, entry),
    ...isolationDenials(isolation, policy, capabilities),
    ...egressDenials(request, policy, capabilities?.egress),
    ...queueDenials(request, policy),
  ];
  if (denials.length > 0 || found === undefined || entry === undefined) return { denials };
  return { plan: planOf(request, policy, { found, entry, limits, isolation }) };
}

function effectiveLimits(request: JobRequest, policy: Policy): Limits {
  const limits = { ...policy.limits.defaults };
  for (const name of LIMIT_NAMES) limits[name] = request.limits[name] ?? limits[name];
  return limits;
}

function* isolationDenials(
  isolation: IsolationTier,
  policy: Policy,
  capabilities?: Capabilities,
): Generator<Denial> {
  const path = '/isolation';
  const { allowed } = policy.isolation;
  if (!allowed.includes(isolation)) {
    const reason = `Policy ${policy.name} does not allow isolation ${isolation}; it allows: ${allowed.join(', ')}.`;
    yield { code: 'isolation_not_allowed', path, reason };
  }
  if (capabilities !== undefined && !capabilities.isolation.includes(isolation)) {
    const reason = `Isolation ${isolation} is not available here; there is: ${capabilities.isolation.join(', ') || 'none'}.`;
    yield { code: 'isolation_unavailable', path, reason };
  }
}

function* queueDenials(request: JobRequest, policy: Policy): Generator<Denial> {
  if (!policy.lanes.includes(request.lane)) {
    const reason = `Policy ${policy.name} does not allow the lane ${request.lane}; it allows: ${policy.lanes.join(', ')}.`;
    yield { code: 'lane_not_allowed', path: '/lane', reason };
  }
  const { maxTimeoutMs } = policy.queue;
  if (request.queueTimeoutMs !== undefined && request.queueTimeoutMs > maxTimeoutMs) {
    const reason = `${formatMs(request.queueTimeoutMs)} in the queue is above the ceiling of policy ${policy.name}; ask for at most ${maxTimeoutMs} (${formatMs(maxTimeoutMs)}).`;
    yield { code: 'queue_timeout_above_ceiling', path: '/queueTimeoutMs', reason };
  }
  if (request.retryOnLoss && !policy.allowRetryOnLoss) {
    const reason = `Policy ${policy.name} does not allow code to be run again after a lost worker; leave retryOnLoss out.`;
    yield { code: 'retry_not_allowed', path: '/retryOnLoss', reason };
  }
}

interface Chosen {
  readonly found: FoundRuntime;
  readonly entry: string;
  readonly limits: Limits;
  readonly isolation: IsolationTier;
}

function planOf(
  request: JobRequest,
  policy: Policy,
  { found: { runtime }, entry, limits, isolation }: Chosen,
): Plan {
  const egress = request.egress.map(({ host, ports }) => ({ host, ports: [...ports] }));
  return {
    policy: { name: policy.name, digest: policyDigest(policy) },
    runtime: runtime.name,
    entry,
    profile: {
      runtime: runtime.name,
      imageDigest: runtime.imageDigest,
      isolation,
      network: egress.length === 0 ? 'none' : 'door',
      limits: {
        cpus: limits.cpus,
        memoryBytes: limits.memoryBytes,
        pids: limits.pids,
        workspaceBytes: limits.workspaceBytes,
        workspaceInodes: limits.workspaceInodes,
        openFiles: limits.openFiles,
        fileSizeBytes: limits.fileSizeBytes,
      },
    },
    command: {
      ...(runtime.compile === undefined ? {} : { compile: fillTemplate(runtime.compile, entry) }),
      argv: [...fillTemplate(runtime.run, entry), ...request.args],
      env: commandEnv(runtime.env, request.env),
      artifacts: [...request.artifacts],
      limits: {
        wallTimeMs: limits.wallTimeMs,
        cpuTimeMs: limits.cpuTimeMs,
        outputBytes: limits.outputBytes,
        artifactCount: limits.artifactCount,
        artifactBytes: limits.artifactBytes,
      },
    },
    limits,
    egress,
    lane: request.lane,
    queueTimeoutMs: request.queueTimeoutMs ?? policy.queue.defaultTimeoutMs,
    retentionMs: policy.retention.resultMs,
  };
}

/** A file called `-c` must reach the interpreter as a file, not as an option. */
function fillTemplate(template: readonly string[], entry: string): string[] {
  const path = entry.startsWith('-') ? `./${entry}` : entry;
  return template.map((argument) => argument.replaceAll('{entry}', () => path));
}
