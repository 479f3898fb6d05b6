import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a host has that a sandbox could leave behind. */
export interface HostState {
  readonly containers: number;
  readonly volumes: number;
  readonly cgroups: number;
  readonly mounts: number;
  readonly networkNamespaces: number;
  readonly sandboxProcesses: number;
}

/** User id of every process inside a sandbox. */
const SANDBOX_UID = '10001';

export function hostState(): HostState {
  return {
    containers: docker('ps', '--all', '--quiet', '--filter', 'label=fumehood.sandbox=1').length,
    volumes: docker('volume', 'ls', '--quiet').length,
    cgroups: countCgroups('/sys/fs/cgroup'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n').length,
    networkNamespaces: new Set(processes().flatMap((pid) => linkOf(`/proc/${pid}/ns/net`))).size,
    sandboxProcesses: processes().filter((pid) => uidOf(pid) === SANDBOX_UID).length,
  };
}

/** What the host has more of than before. Waits some seconds for it to be nothing: removal of a container's cgroup is asynchronous. */
export async function leftovers(before: HostState): Promise<Partial<HostState>> {
  for (let tries = 0; ; tries++) {
    const now = Object.entries(hostState());
    const more = now.filter(([what, count]) => count > before[what as keyof HostState]);
    if (tries >= 50 || more.length === 0) return Object.fromEntries(more);
    await delay(200);
  }
}

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

const docker = (...args: string[]): string[] =>
  execFileSync('docker', args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

const processes = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function uidOf(pid: string): string | undefined {
  try {
    return /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}

function countCgroups(folder: string): number {
  let count = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.isSymbolicLink())
        count += 1 + countCgroups(`${folder}/${entry.name}`);
    }
  } catch {
    return count;
  }
  return count;
}
