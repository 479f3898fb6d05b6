import type { Profile } from '@fumehood/schema';
import type { ContainerEngine } from '../container-engine.js';
import { createDriver } from '../create-driver.js';
import type { InitMessage } from '../protocol/init-message.js';
import { type Job, type Ran, runIn } from './bench.js';
import { type ScriptedContainer, type ScriptedInit, scriptedContainer } from './scripted-container.js';

const MIB = 1024 * 1024;

export const SCRIPTED_PROFILE: Profile = {
  runtime: 'bash',
  imageDigest: `sha256:${'0'.repeat(64)}`,
  isolation: 'container',
  network: 'none',
  limits: {
    cpus: 1,
    memoryBytes: 256 * MIB,
    pids: 64,
    workspaceBytes: 64 * MIB,
    workspaceInodes: 10_000,
    openFiles: 256,
    fileSizeBytes: 64 * MIB,
  },
};

/** An engine whose only container is the given one. */
export const scriptedEngine = (container: ScriptedContainer): ContainerEngine => ({
  name: 'scripted',
  create: async () => container,
  reap: async () => [],
  async [Symbol.asyncDispose]() {},
});

export const STARTED: InitMessage = { type: 'started', kind: 'run' };
export const EXITED: InitMessage = { type: 'exit', kind: 'run', exit: { code: 0, signal: null } };
export const stdout = (text: string): InitMessage => ({ type: 'stdout', bytes: Buffer.from(text) });

/** Runs a job against an init that greets and then follows the script. The sandbox is disposed when the script and the run are over. */
export async function runScripted(
  job: Job,
  script: (init: ScriptedInit, container: ScriptedContainer) => Promise<unknown>,
): Promise<Ran> {
  const container = scriptedContainer();
  const driver = createDriver(scriptedEngine(container));
  const followed = container.init.greet().then(() => script(container.init, container));
  // A script that fails its expectations ends the run, too.
  followed.catch(() => container.destroy());
  await using sandbox = await driver.acquire(SCRIPTED_PROFILE, new AbortController().signal);
  try {
    return await runIn(sandbox, job);
  } finally {
    await container.destroy();
    await followed;
  }
}
