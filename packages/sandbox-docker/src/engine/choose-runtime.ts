import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SandboxError } from '@fumehood/sandbox';
import { ISOLATION_TIERS, type IsolationTier } from '@fumehood/schema';
import type { DockerFacts } from './docker-facts.js';

/** Names that runtimes are registered under, by tier. The first that the engine has is taken. */
export type RuntimeNames = Readonly<Record<IsolationTier, readonly string[]>>;

export const RUNTIME_NAMES: RuntimeNames = {
  container: ['runc', 'crun'],
  gvisor: ['runsc'],
};

const VERSION_TIMEOUT_MS = 5_000;

/** The tiers that an engine can give. */
export const availableTiers = (
  facts: DockerFacts,
  names: RuntimeNames = RUNTIME_NAMES,
): readonly IsolationTier[] =>
  ISOLATION_TIERS.filter((tier) => names[tier].some((name) => Object.hasOwn(facts.runtimes, name)));

/** The runtime for a tier. Throws SandboxError `isolation_unavailable`: another tier's is never taken in its place. */
export function chooseRuntime(tier: IsolationTier, facts: DockerFacts, names: RuntimeNames): string {
  const candidates = names[tier];
  // The engine's own choice, when it is of this tier.
  if (candidates.includes(facts.defaultRuntime)) return facts.defaultRuntime;
  const found = candidates.find((name) => Object.hasOwn(facts.runtimes, name));
  if (found !== undefined) return found;
  const fix = `register ${candidates.join(' or ')} in the "runtimes" of /etc/docker/daemon.json`;
  throw new SandboxError(
    'isolation_unavailable',
    `The engine has no runtime for the isolation tier ${tier}: ${fix}`,
  );
}

/** Name and version of a runtime, such as "runc 1.1.5"; the name alone when its version can't be had. */
export async function runtimeVersion(name: string, facts: DockerFacts): Promise<string> {
  const reported = facts.components[name];
  if (reported !== undefined && reported !== '') return `${name} ${reported}`;
  const path = facts.runtimes[name];
  if (path === undefined || path === '') return name;
  const answer = await promisify(execFile)(path, ['--version'], {
    timeout: VERSION_TIMEOUT_MS,
    env: {},
  }).catch(() => undefined);
  const version = /version:?\s+(\S+)/i.exec(answer?.stdout ?? '')?.[1];
  return version === undefined ? name : `${name} ${version}`;
}
