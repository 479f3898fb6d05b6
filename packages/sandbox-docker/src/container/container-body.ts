import {
  type Hardening,
  INIT_MOUNT_PATH,
  type Rlimit,
  type TmpfsMount,
  tmpfsOptions,
} from '@fumehood/sandbox';
import type { CreateBody, Mount } from '../api/create-body.js';
import type { ImageFacts } from '../image/image-facts.js';

/** All that a container is made from. */
export interface ContainerPlan {
  readonly image: ImageFacts;
  readonly hardening: Hardening;
  readonly runtime: string;
  /** The seccomp profile as this engine takes it. */
  readonly seccomp: string;
  readonly initPath: string;
  /** Files of the host to mount read-only, by their path inside. */
  readonly files: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cgroupVersion: 1 | 2;
}

/** What Docker itself would put into the environment. */
const ENGINE_ENV = ['PATH', 'HOSTNAME', 'container'];

/**
 * The request for a container: hardening in the words of the Engine API. It states what a daemon could have a default for, because
 * defaults differ by version and by daemon.json, and it overrules all that the image may say.
 */
export function containerBody(plan: ContainerPlan): CreateBody {
  const { hardening, image } = plan;
  const tmpfsPaths = new Set(hardening.tmpfs.map(({ path }) => path));
  const volumes = image.volumes.filter((path) => !tmpfsPaths.has(path));
  return {
    Image: image.digest,
    Hostname: hardening.hostname,
    User: `${hardening.uid}:${hardening.gid}`,
    // A name without a value takes the variable away: PID 1 gets none, and gives the job those of its command.
    Env: [...new Set([...ENGINE_ENV, ...image.envNames])],
    Entrypoint: [INIT_MOUNT_PATH],
    Cmd: [],
    WorkingDir: '/',
    Labels: plan.labels,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    // When the worker is gone its connection closes, init reads end of file, and the sandbox ends by itself.
    StdinOnce: true,
    Tty: false,
    // A network namespace with nothing but loopback. `none` alone would set the namespace up through a hook, which takes as long as all the rest.
    NetworkDisabled: true,
    StopSignal: 'SIGKILL',
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      // An ipc namespace without the engine's /dev/shm: ours is bounded in inodes, too.
      IpcMode: 'none',
      CgroupnsMode: 'private',
      PidMode: '',
      UTSMode: '',
      Privileged: false,
      ReadonlyRootfs: true,
      CapAdd: [],
      CapDrop: ['ALL'],
      // AppArmor is left to the daemon, which applies its docker-default where the host has it.
      SecurityOpt: ['no-new-privileges', `seccomp=${plan.seccomp}`],
      MaskedPaths: hardening.maskedPaths,
      ReadonlyPaths: hardening.readonlyPaths,
      Tmpfs: Object.fromEntries(hardening.tmpfs.map((mount) => [mount.path, dataOf(mount)])),
      Mounts: [
        readOnly(plan.initPath, INIT_MOUNT_PATH),
        ...Object.entries(plan.files).map(([target, source]) => readOnly(source, target)),
        ...volumes.map(closedVolume),
      ],
      Sysctls: hardening.sysctls,
      Ulimits: hardening.rlimits.map(ulimit),
      Memory: hardening.memoryBytes,
      // Memory and swap together: no swap.
      MemorySwap: hardening.memoryBytes,
      // Version 2 has no such setting, and crun refuses it there.
      ...(plan.cgroupVersion === 1 ? { MemorySwappiness: 0 } : {}),
      PidsLimit: hardening.pids,
      CpuPeriod: hardening.cpuPeriodUs,
      CpuQuota: hardening.cpuQuotaUs,
      OomScoreAdj: hardening.oomScoreAdj,
      OomKillDisable: false,
      Runtime: plan.runtime,
      Init: false,
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

const readOnly = (source: string, target: string): Mount => ({
  Type: 'bind',
  Source: source,
  Target: target,
  ReadOnly: true,
  BindOptions: { Propagation: 'rprivate' },
});

/**
 * For every VOLUME of an image the engine would make a writable folder on the host's disk. A mount in its place prevents that;
 * like the rest of the root it is read-only.
 */
const closedVolume = (path: string): Mount => ({
  Type: 'tmpfs',
  Target: path,
  ReadOnly: true,
  TmpfsOptions: { SizeBytes: 4_096, Mode: 0o555 },
});

const dataOf = (mount: TmpfsMount): string => tmpfsOptions(mount).join(',');

const ulimit = ({ name, soft, hard }: Rlimit) => ({ Name: name, Soft: soft, Hard: hard });
