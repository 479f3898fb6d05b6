import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Kills a program's process group, and whoever else still works in its directory: a process that left the group has most likely stayed there.
 * That is as far as it goes without a PID namespace.
 */
export function killProcessTree(group: number | undefined, directory: string): void {
  if (group !== undefined) kill(-group);
  for (const pid of processesIn(directory)) kill(pid);
}

/** Processes whose working directory begins with the given path. None where there is no /proc. */
export function processesIn(directory: string): readonly number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => workingDirectory(pid).startsWith(directory))
    .map(Number);
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
