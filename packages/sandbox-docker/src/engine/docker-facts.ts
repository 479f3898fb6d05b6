import type { Architecture } from '@fumehood/sandbox';
import type { InfoAnswer, VersionAnswer } from '../api/answers.js';
import { type DockerApi, dockerApi } from '../api/docker-api.js';

export const DEFAULT_SOCKET_PATH = '/var/run/docker.sock';

/** What a Docker-compatible engine is and can do, as it says itself. */
export interface DockerFacts {
  readonly product: 'docker' | 'podman';
  readonly version: string;
  readonly apiVersion: string;
  readonly kernelVersion: string;
  /** Null when it is none that there is a seccomp profile for. */
  readonly architecture: Architecture | null;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageDriver: string;
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: string;
  readonly rootless: boolean;
  readonly userNamespaces: boolean;
  readonly seccomp: boolean;
  readonly apparmor: boolean;
  readonly selinux: boolean;
  /** Which limits the engine can set. */
  readonly limits: {
    readonly memory: boolean;
    readonly swap: boolean;
    readonly pids: boolean;
    readonly cpu: boolean;
  };
  /** Paths of the runtime binaries by the names that they are registered under; a path may be empty. */
  readonly runtimes: Readonly<Record<string, string>>;
  readonly defaultRuntime: string;
  /** Versions of the engine's parts, by name: containerd, runc, … */
  readonly components: Readonly<Record<string, string>>;
}

/** Asks an engine what it is. Rejects with SandboxError `engine_unavailable` when it does not answer. */
export async function dockerFacts(
  options: { readonly socketPath?: string; readonly timeoutMs?: number } = {},
): Promise<DockerFacts> {
  const api = dockerApi(options.socketPath ?? DEFAULT_SOCKET_PATH);
  try {
    return await askFacts(api, options.timeoutMs);
  } finally {
    api.close();
  }
}

export async function askFacts(api: DockerApi, timeoutMs?: number): Promise<DockerFacts> {
  const bounds = timeoutMs === undefined ? {} : { timeoutMs };
  const [version, info] = await Promise.all([api.version(bounds), api.info(bounds)]);
  return factsOf(version, info);
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
};

export function factsOf(version: VersionAnswer, info: InfoAnswer): DockerFacts {
  // Entries such as `name=seccomp,profile=default`.
  const security = new Set(info.SecurityOptions.map((option) => /name=(\w+)/.exec(option)?.[1] ?? option));
  const components = Object.fromEntries(version.Components.map((part) => [part.Name, part.Version]));
  return {
    product: Object.keys(components).some((name) => /podman/i.test(name)) ? 'podman' : 'docker',
    version: version.Version,
    apiVersion: version.ApiVersion,
    kernelVersion: version.KernelVersion,
    architecture: ARCHITECTURES[version.Arch] ?? null,
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    storageDriver: info.Driver,
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    cgroupDriver: info.CgroupDriver,
    rootless: security.has('rootless'),
    userNamespaces: security.has('userns'),
    seccomp: security.has('seccomp'),
    apparmor: security.has('apparmor'),
    selinux: security.has('selinux'),
    limits: {
      memory: info.MemoryLimit,
      swap: info.SwapLimit,
      pids: info.PidsLimit,
      cpu: info.CpuCfsQuota,
    },
    runtimes: Object.fromEntries(
      Object.entries(info.Runtimes).map(([name, runtime]) => [name, runtime?.path ?? '']),
    ),
    defaultRuntime: info.DefaultRuntime,
    components,
  };
}
