import type { DockerFacts } from './docker-facts.js';

/** Something about an engine that people should know, and what to do about it. */
export interface EngineFinding {
  readonly check: string;
  /** No sandbox is made while there is an error. */
  readonly severity: 'error' | 'warning';
  readonly detail: string;
  readonly fix: string;
}

interface Check extends EngineFinding {
  readonly isMet: (facts: DockerFacts) => boolean;
}

/** The first version that can refuse a system call with an errno of the profile's choice. */
const OLDEST_VERSION = [20, 10, 10];

const CHECKS: readonly Check[] = [
  {
    check: 'version',
    severity: 'error',
    isMet: (facts) => facts.product === 'podman' || isAtLeast(facts.version, OLDEST_VERSION),
    detail: 'Docker is older than 20.10.10 and does not know the seccomp rules that are needed',
    fix: 'Upgrade Docker',
  },
  {
    check: 'architecture',
    severity: 'error',
    isMet: (facts) => facts.architecture !== null,
    detail: 'The engine runs on an architecture without a seccomp profile; there are x86_64 and aarch64',
    fix: 'Use a host with one of these architectures',
  },
  {
    check: 'seccomp',
    severity: 'error',
    isMet: (facts) => facts.seccomp,
    detail: 'The engine was built without seccomp, or the kernel lacks it',
    fix: 'Use a kernel with CONFIG_SECCOMP_FILTER and an engine with seccomp support',
  },
  {
    check: 'memory limit',
    severity: 'error',
    isMet: (facts) => facts.limits.memory,
    detail: 'The engine can set no memory limit',
    fix: 'Enable the memory cgroup: boot with cgroup_enable=memory; rootless engines need cgroup v2 with delegation',
  },
  {
    check: 'pids limit',
    severity: 'error',
    isMet: (facts) => facts.limits.pids,
    detail: 'The engine can set no limit on processes',
    fix: 'Enable the pids cgroup (CONFIG_CGROUP_PIDS); rootless engines need cgroup v2 with delegation',
  },
  {
    check: 'CPU limit',
    severity: 'error',
    isMet: (facts) => facts.limits.cpu,
    detail: 'The engine can set no CPU quota',
    fix: 'Enable CONFIG_CFS_BANDWIDTH; rootless engines need the cpu controller delegated',
  },
  {
    check: 'swap limit',
    severity: 'warning',
    isMet: (facts) => facts.limits.swap,
    detail:
      'The engine can set no limit on swap: where the host has swap, jobs may use it beyond their memory limit',
    fix: 'Turn swap off, or boot with swapaccount=1',
  },
  {
    check: 'rootless',
    severity: 'warning',
    isMet: (facts) => !facts.rootless,
    detail: 'The engine is rootless, which is untested: its limits depend on what systemd delegates',
    fix: 'Use a rootful engine for workers',
  },
  {
    check: 'podman',
    severity: 'warning',
    isMet: (facts) => facts.product === 'docker',
    detail: "Podman's Docker-compatible socket is untested",
    fix: 'Use Docker, or watch the first jobs closely',
  },
  {
    check: 'SELinux',
    severity: 'warning',
    isMet: (facts) => !facts.selinux,
    detail: 'With SELinux a sandbox can only use files on the host that carry a container label',
    fix: 'Label sandbox-init and the scratch folder: chcon -t container_file_t',
  },
];

/** What speaks against using an engine, errors first. */
export function engineFindings(facts: DockerFacts): readonly EngineFinding[] {
  return CHECKS.filter((check) => !check.isMet(facts)).map(({ check, severity, detail, fix }) => ({
    check,
    severity,
    detail,
    fix,
  }));
}

function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split(/[.+~-]/).map(Number);
  for (const [index, wanted] of oldest.entries()) {
    const got = numbers[index] ?? 0;
    // A version that is not numbers is one of somebody's own making; the posture of each sandbox is checked in any case.
    if (Number.isNaN(got) || got > wanted) return true;
    if (got < wanted) return false;
  }
  return true;
}
