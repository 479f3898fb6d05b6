export { type CountersReader, cgroupCounters } from './cgroup/cgroup-counters.js';
export { type Cgroup, type CgroupOptions, cgroupOf } from './cgroup/cgroup-of.js';
export {
  type ByteStream,
  type Container,
  type ContainerEngine,
  type Counters,
  DESTROY_TIMEOUT_MS,
} from './container-engine.js';
export { createDriver, type DriverOptions } from './create-driver.js';
export type {
  OutputStream,
  RunIo,
  RunOutcome,
  RunResult,
  Sandbox,
  SandboxDriver,
  SandboxFile,
} from './driver.js';
export { ETC_FILES } from './hardening/etc-files.js';
export { type Hardening, hardeningOf, NAMESPACES } from './hardening/hardening.js';
export {
  INIT_MOUNT_PATH,
  SANDBOX_GID,
  SANDBOX_HOSTNAME,
  SANDBOX_UID,
  WORKSPACE_PATH,
} from './hardening/identity.js';
export { MASKED_PATHS, type ProcPath, READONLY_PATHS } from './hardening/proc-paths.js';
export type { Rlimit } from './hardening/rlimits.js';
export { renderSeccomp, type SeccompProfile, SYSCALL_RULES } from './hardening/seccomp/render-seccomp.js';
export type { Architecture } from './hardening/seccomp/syscall-rule.js';
export { type TmpfsMount, tmpfsOptions } from './hardening/tmpfs-mounts.js';
export { SANDBOX_ERRORS, SandboxError, type SandboxErrorCode } from './sandbox-error.js';
