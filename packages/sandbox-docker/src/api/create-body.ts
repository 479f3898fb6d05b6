/** The part of the Engine API's ContainerCreate body that is used here. */
export interface CreateBody {
  readonly Image: string;
  readonly Hostname: string;
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly AttachStdin: true;
  readonly AttachStdout: true;
  readonly AttachStderr: true;
  readonly OpenStdin: true;
  readonly StdinOnce: true;
  readonly Tty: false;
  readonly NetworkDisabled: true;
  readonly StopSignal: 'SIGKILL';
  readonly Healthcheck: { readonly Test: readonly ['NONE'] };
  readonly HostConfig: HostConfig;
}

export interface HostConfig {
  readonly NetworkMode: 'none';
  readonly IpcMode: 'none';
  readonly CgroupnsMode: 'private';
  readonly PidMode: '';
  readonly UTSMode: '';
  readonly Privileged: false;
  readonly ReadonlyRootfs: true;
  readonly CapAdd: readonly [];
  readonly CapDrop: readonly ['ALL'];
  readonly SecurityOpt: readonly string[];
  readonly MaskedPaths: readonly string[];
  readonly ReadonlyPaths: readonly string[];
  readonly Tmpfs: Readonly<Record<string, string>>;
  readonly Mounts: readonly Mount[];
  readonly Sysctls: Readonly<Record<string, string>>;
  readonly Ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly Memory: number;
  readonly MemorySwap: number;
  readonly MemorySwappiness?: number;
  readonly PidsLimit: number;
  readonly CpuPeriod: number;
  readonly CpuQuota: number;
  readonly OomScoreAdj: number;
  readonly OomKillDisable: false;
  readonly Runtime: string;
  readonly Init: false;
  readonly AutoRemove: false;
  readonly RestartPolicy: { readonly Name: 'no' };
  readonly LogConfig: { readonly Type: 'none'; readonly Config: Readonly<Record<string, string>> };
}

export type Mount =
  | {
      readonly Type: 'bind';
      readonly Source: string;
      readonly Target: string;
      readonly ReadOnly: true;
      readonly BindOptions: { readonly Propagation: 'rprivate' };
    }
  | {
      readonly Type: 'tmpfs';
      readonly Target: string;
      readonly ReadOnly: true;
      readonly TmpfsOptions: { readonly SizeBytes: number; readonly Mode: number };
    };
