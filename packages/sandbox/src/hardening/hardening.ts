import type { Profile } from '@fumehood/schema';
import { SANDBOX_GID, SANDBOX_HOSTNAME, SANDBOX_UID } from './identity.js';
import { MASKED_PATHS, READONLY_PATHS } from './proc-paths.js';
import { type Rlimit, rlimits } from './rlimits.js';
import { type TmpfsMount, tmpfsMounts } from './tmpfs-mounts.js';

/** The namespaces that every sandbox has for itself. */
export const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'uts'] as const;

/** The period of the CPU quota: the kernel's default. */
const CPU_PERIOD_US = 100_000;

/** The threads of gVisor's own kernel, which are in the same cgroup: where they can't be had it does not refuse a fork but crashes. */
const GVISOR_THREADS = 512;

/** Among the first that the kernel kills when the host itself runs out of memory; init makes the job the very first. */
const OOM_SCORE_ADJ = 500;

/**
 * What contains a sandbox, in no technology's terms: every engine translates this record and adds nothing that weakens it.
 * Always besides: no capability in any set, no_new_privs, a read-only root, the seccomp profile of `renderSeccomp`, all of `NAMESPACES`.
 */
export interface Hardening {
  readonly uid: number;
  readonly gid: number;
  readonly hostname: string;
  readonly tmpfs: readonly TmpfsMount[];
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly rlimits: readonly Rlimit[];
  readonly oomScoreAdj: number;
  /** Memory with all tmpfs and kernel objects; swap comes to nothing because both together may not be more. */
  readonly memoryBytes: number;
  /** Processes and threads in the cgroup, those of the runtime included where it has any. */
  readonly pids: number;
  readonly cpuPeriodUs: number;
  readonly cpuQuotaUs: number;
  readonly sysctls: Readonly<Record<string, string>>;
}

export function hardeningOf(profile: Profile): Hardening {
  const { limits } = profile;
  return {
    uid: SANDBOX_UID,
    gid: SANDBOX_GID,
    hostname: SANDBOX_HOSTNAME,
    tmpfs: tmpfsMounts(limits),
    maskedPaths: MASKED_PATHS.map(({ path }) => path),
    readonlyPaths: READONLY_PATHS.map(({ path }) => path),
    rlimits: rlimits(limits),
    oomScoreAdj: OOM_SCORE_ADJ,
    memoryBytes: limits.memoryBytes,
    pids: limits.pids + (profile.isolation === 'gvisor' ? GVISOR_THREADS : 0),
    cpuPeriodUs: CPU_PERIOD_US,
    cpuQuotaUs: Math.round(limits.cpus * CPU_PERIOD_US),
    // init listens on the allowed ports, 443 among them, without a capability.
    sysctls: profile.network === 'door' ? { 'net.ipv4.ip_unprivileged_port_start': '0' } : {},
  };
}
