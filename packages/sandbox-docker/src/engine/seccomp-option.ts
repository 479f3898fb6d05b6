import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Architecture, renderSeccomp } from '@fumehood/sandbox';
import type { DockerFacts } from './docker-facts.js';

/** The seccomp profile as an engine takes it, for as long as containers may be made with it. */
export interface SeccompOption extends AsyncDisposable {
  readonly value: string;
}

/** Docker takes the profile itself, Podman the path of a file with it (https://github.com/containers/podman/issues/27710). */
export async function seccompOption(
  product: DockerFacts['product'],
  architecture: Architecture,
  scratchDir: string,
): Promise<SeccompOption> {
  const profile = JSON.stringify(renderSeccomp(architecture));
  if (product === 'docker') return { value: profile, async [Symbol.asyncDispose]() {} };
  const folder = await mkdtemp(join(scratchDir, 'fumehood-seccomp-'));
  const path = join(folder, `${architecture}.json`);
  await writeFile(path, profile);
  return {
    value: path,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
