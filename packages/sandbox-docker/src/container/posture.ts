import { readFile, readlink } from 'node:fs/promises';
import { INIT_MOUNT_PATH, NAMESPACES, SANDBOX_GID, SANDBOX_UID, SandboxError } from '@fumehood/sandbox';

const POLL_MS = 1;

/**
 * Looks at a sandbox's PID 1 from the host, before any code of a user is in it, and throws SandboxError unless it is contained as it was
 * asked for: an engine may have let something pass that it does not know. Not for runtimes with a kernel of their own.
 */
export async function checkPosture(pid: number, timeoutMs: number): Promise<void> {
  await untilInit(pid, timeoutMs);
  const faults = [...statusFaults(await read(`/proc/${pid}/status`)), ...(await sharedNamespaces(pid))];
  if (faults.length === 0) return;
  throw new SandboxError(
    'engine_unsupported',
    `The engine did not contain the sandbox as asked: ${faults.join('; ')}`,
  );
}

/** The runtime's last steps before it becomes init, seccomp among them, come after it has answered that the container runs. */
async function untilInit(pid: number, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await read(`/proc/${pid}/cmdline`)).startsWith(INIT_MOUNT_PATH)) {
    if (performance.now() > deadline) {
      throw new SandboxError(
        'start_timeout',
        `The runtime did not start sandbox-init within ${timeoutMs} ms`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** What is wrong in the text of /proc/<pid>/status. */
export function statusFaults(status: string): readonly string[] {
  const fields = new Map(
    status.split('\n').map((line) => {
      const [key = '', ...values] = line.split(/:?\s+/);
      return [key, values.join(' ')] as const;
    }),
  );
  const expected: readonly (readonly [field: string, isRight: (value: string) => boolean])[] = [
    ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(
      (set) => [set, (value: string) => /^0+$/.test(value)] as const,
    ),
    ['NoNewPrivs', (value) => value === '1'],
    ['Seccomp', (value) => value === '2'],
    ['Uid', (value) => value === Array(4).fill(SANDBOX_UID).join(' ')],
    ['Gid', (value) => value === Array(4).fill(SANDBOX_GID).join(' ')],
    // Docker looks a numeric group up by name as well, so an image may have one of that name with another number.
    ['Groups', (value) => value === '' || value === String(SANDBOX_GID)],
  ];
  return expected.flatMap(([field, isRight]) => {
    const value = fields.get(field)?.trim() ?? 'absent';
    return isRight(value) ? [] : [`${field} is ${value}`];
  });
}

/** Namespaces that are the worker's own. A worker that may not look at them is not told; then the engine is believed. */
async function sharedNamespaces(pid: number): Promise<readonly string[]> {
  const compared = await Promise.all(
    NAMESPACES.map(async (name) => {
      const [theirs, ours] = await Promise.all([
        readlink(`/proc/${pid}/ns/${name}`).catch(() => undefined),
        readlink(`/proc/self/ns/${name}`).catch(() => undefined),
      ]);
      return theirs !== undefined && theirs === ours ? [`its ${name} namespace is the host's`] : [];
    }),
  );
  return compared.flat();
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const message =
      "The sandbox's first process can't be seen from here: it has ended, or the worker does not share the engine's pid namespace";
    throw new SandboxError('engine_failed', message, { cause });
  }
}
