/** A mounted cgroup hierarchy. Version 2 has one for all controllers; version 1 has one for each controller or set of them. */
export interface CgroupMount {
  readonly version: 1 | 2;
  /** Of version 1; version 2 says in every cgroup which controllers it has. */
  readonly controllers: readonly string[];
  /** Which cgroup of the hierarchy is at the mount point: `/` but for mounts inside containers. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Reads the cgroup mounts out of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function cgroupMounts(mountinfo: string): readonly CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [left = '', right = ''] = line.split(' - ', 2);
    const [, , , root, mountPoint] = left.split(' ');
    const [type, , superOptions = ''] = right.split(' ');
    if (root === undefined || mountPoint === undefined) return [];
    const at = { root: unescaped(root), mountPoint: unescaped(mountPoint) };
    if (type === 'cgroup2') return [{ version: 2, controllers: [], ...at }];
    if (type === 'cgroup') return [{ version: 1, controllers: superOptions.split(','), ...at }];
    return [];
  });
}

/** mountinfo writes blanks and backslashes as three octal digits. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
