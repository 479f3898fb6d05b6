import { access, constants, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { bad, type Finding, good, weak } from './finding.js';

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** What this host's kernel and this installation offer. */
export async function hostFindings(sandboxInit: string): Promise<readonly Finding[]> {
  return await Promise.all([kernel(), cgroups(), seccomp(), swap(), init(sandboxInit)]);
}

async function kernel(): Promise<Finding> {
  if (process.platform !== 'linux') return bad('kernel', process.platform, 'Run workers on Linux.');
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major > 5 || (major === 5 && minor >= 10)) return good('kernel', `Linux ${release()}`);
  return weak(
    'kernel',
    `Linux ${release()} is old`,
    'Run Linux 5.10 or newer: older kernels have known ways out of containers.',
  );
}

/** Version 1 and 2 both serve; hybrid hosts have controllers in version 1 and an empty tree of version 2. */
async function cgroups(): Promise<Finding> {
  const mounts = await readText('/proc/self/mountinfo');
  const v1 = / - cgroup \S+ \S*\bmemory\b/.test(mounts);
  const v2 = / - cgroup2 /.test(mounts);
  if (v1) return good('cgroups', `version 1${v2 ? ', hybrid' : ''}`);
  const controllers = (await readText('/sys/fs/cgroup/cgroup.controllers')).split(/\s+/);
  const missing = ['cpu', 'memory', 'pids'].filter((name) => !controllers.includes(name));
  if (v2 && missing.length === 0) return good('cgroups', 'version 2');
  return bad(
    'cgroups',
    v2 ? `version 2 without ${missing.join(', ')}` : 'none is mounted',
    'Mount cgroups with the cpu, memory and pids controllers; without them no limit holds.',
  );
}

async function seccomp(): Promise<Finding> {
  const actions = await readText('/proc/sys/kernel/seccomp/actions_avail');
  if (actions.includes('errno')) return good('seccomp', 'the kernel filters system calls');
  return bad('seccomp', 'the kernel has no seccomp filters', 'Use a kernel with CONFIG_SECCOMP_FILTER.');
}

async function swap(): Promise<Finding> {
  const areas = (await readText('/proc/swaps')).trim().split('\n').length - 1;
  if (areas <= 0) return good('swap', 'off: no disk block holds what jobs had in memory');
  return weak(
    'swap',
    `${areas} in use`,
    'swapoff -a: jobs get none, but the worker and Redis hold what they read and wrote.',
  );
}

async function init(path: string): Promise<Finding> {
  const found = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return found
    ? good('sandbox-init', path)
    : bad('sandbox-init', `${path} is not there`, 'Build it: npm run setup.');
}
