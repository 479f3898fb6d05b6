import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const room = fileURLToPath(new URL('../..', import.meta.url));

export const testPrograms = `${room}dist/test`;
export const sandboxInit = `${room}dist/sandbox-init`;
const sanitizedInit = `${testPrograms}/sandbox-init-sanitized`;

/** Both builds of init: what holds for one must hold for the other. */
export const BUILDS = [
  ['the program', sandboxInit],
  ['the program under sanitizers', sanitizedInit],
] as const;

/** Makes init and what its tests need. Test files run side by side, so only one of them makes at a time. */
export async function buildPrograms(): Promise<void> {
  await mkdir(testPrograms, { recursive: true });
  await promisify(execFile)('flock', [`${testPrograms}/.lock`, 'make', '-s', 'all', 'test-programs'], {
    cwd: room,
  });
}
