import { access, constants } from 'node:fs/promises';
import { type Architecture, SandboxError } from '@fumehood/sandbox';
import type { DockerFacts } from './docker-facts.js';
import { engineFindings } from './engine-findings.js';

/** Throws SandboxError `engine_unsupported` with every reason against an engine; returns its architecture. */
export function requireSoundEngine(facts: DockerFacts): Architecture {
  const errors = engineFindings(facts).filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || facts.architecture === null) {
    const reasons = errors.map(({ detail, fix }) => `${detail}. ${fix}`).join('. ');
    throw new SandboxError('engine_unsupported', reasons);
  }
  return facts.architecture;
}

/** Rejects with SandboxError `engine_unsupported` when sandbox-init is not where it should be. */
export async function requireInit(initPath: string): Promise<void> {
  try {
    await access(initPath, constants.X_OK);
  } catch (cause) {
    const message = `sandbox-init is not an executable file at ${initPath}: build it with \`make -C packages/sandbox-init\``;
    throw new SandboxError('engine_unsupported', message, { cause });
  }
}
