import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxError } from '../sandbox-error.js';
import { type CgroupMount, cgroupMounts } from './cgroup-mounts.js';

/** Where a process's cgroup is on this host: one folder for version 2, one for each controller of version 1, or both (hybrid). */
export interface Cgroup {
  readonly unified: string | undefined;
  readonly byController: ReadonlyMap<string, string>;
}

export interface CgroupOptions {
  /**
   * Part of the cgroup's path, such as the container's id. A process id may have been given to another process since it was learnt;
   * this makes sure that the cgroup is the right one.
   */
  readonly pathContains?: string;
  /** Where proc(5) is mounted; /proc when absent. */
  readonly procPath?: string;
}

/** Finds the cgroup of a process, seen from outside of its namespaces. Throws SandboxError `counters_unreadable`. */
export function cgroupOf(pid: number, options: CgroupOptions = {}): Cgroup {
  const { pathContains = '', procPath = '/proc' } = options;
  const mounts = cgroupMounts(read(join(procPath, 'self/mountinfo')));
  const paths = cgroupPaths(read(join(procPath, String(pid), 'cgroup')));
  if (![...paths.values()].some((path) => path.includes(pathContains))) {
    throw unreadable(`process ${pid} is not in a cgroup of ${pathContains}: it has ended`);
  }
  const byController = new Map<string, string>();
  let unified: string | undefined;
  for (const mount of mounts) {
    if (mount.version === 2) {
      unified ??= directory(mount, paths.get(''));
      continue;
    }
    for (const controller of mount.controllers) {
      const found = directory(mount, paths.get(controller));
      if (found !== undefined && !byController.has(controller)) byController.set(controller, found);
    }
  }
  if (unified === undefined && byController.size === 0) {
    throw unreadable(
      `the cgroup of process ${pid} is not under any cgroup mount here; run the worker on the host, or share its /sys/fs/cgroup and pid namespace`,
    );
  }
  return { unified, byController };
}

export const unreadable = (why: string, cause?: unknown): SandboxError =>
  new SandboxError('counters_unreadable', `The sandbox's counters can't be read: ${why}`, { cause });

/** Lines of cgroups(7): `4:memory:/docker/…` for version 1, `0::/…` for version 2, which has the key ''. */
function cgroupPaths(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').flatMap((line) => {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    const [, controllers = '', path = ''] = match ?? [];
    return match === null ? [] : controllers.split(',').map((controller) => [controller, path] as const);
  });
  return new Map(lines);
}

/** The folder of a cgroup below a mount; undefined when the mount does not show it. */
function directory(mount: CgroupMount, path: string | undefined): string | undefined {
  // A path that begins with /.. belongs to a process outside of our own cgroup namespace.
  if (path === undefined || path.startsWith('/..')) return undefined;
  if (mount.root === '/') return join(mount.mountPoint, path);
  if (path !== mount.root && !path.startsWith(`${mount.root}/`)) return undefined;
  return join(mount.mountPoint, path.slice(mount.root.length));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(`${path} can't be read`, cause);
  }
}
