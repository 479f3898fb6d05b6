import { createDriver, type DriverOptions, type SandboxDriver } from '@fumehood/sandbox';
import { type DockerEngineOptions, dockerEngine } from './engine/docker-engine.js';

export type DockerDriverOptions = DockerEngineOptions & { readonly driver?: DriverOptions };

/** Makes sandboxes with a Docker daemon. Rejects with SandboxError when it does not answer, or can't contain a job. */
export async function dockerDriver(options: DockerDriverOptions): Promise<SandboxDriver> {
  return createDriver(await dockerEngine(options), options.driver);
}
