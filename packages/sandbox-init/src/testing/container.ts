import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { sandboxInit, testPrograms } from './programs.js';
import { TestSandbox } from './sandbox.js';

const docker = promisify(execFile);

/** init in a container, where the kernel's cgroups bound it and the job together. `options` are those of `docker run`. */
export async function containerSandbox(...options: readonly string[]): Promise<TestSandbox> {
  const name = `fumehood-init-test-${randomUUID()}`;
  const child = spawn('docker', [
    'run',
    '--interactive',
    '--rm',
    `--name=${name}`,
    '--label=fumehood.owner=sandbox-init-test',
    '--user=10001:10001',
    '--network=none',
    '--read-only',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--tmpfs=/workspace:rw,exec,size=64m,uid=10001,gid=10001,mode=755',
    `--volume=${sandboxInit}:/.fumehood/init:ro`,
    `--volume=${testPrograms}:/programs:ro`,
    '--entrypoint=/.fumehood/init',
    ...options,
    'debian:bookworm-slim',
  ]);
  const sandbox = new TestSandbox(child, child.stdin, child.stdout, async () => {
    await docker('docker', ['rm', '--force', name]).catch(() => undefined);
  });
  await sandbox.greet();
  return sandbox;
}
