import { z } from 'zod';
import { unknownKeyError } from './unknown-key-error.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

const count = (min: number, max: number, description: string) =>
  z.number().int().min(min).max(max).describe(description);

const shape = {
  wallTimeMs: count(
    50,
    24 * 3_600_000,
    'Wall-clock time from the start of the command (compilation included) to its end, in milliseconds. Passing it ends the job: limit_exceeded wall_time.',
  ),
  cpuTimeMs: count(
    50,
    24 * 3_600_000,
    'CPU time of all processes of the job together, in milliseconds, read from the cgroup. Passing it ends the job: limit_exceeded cpu_time.',
  ),
  cpus: z
    .number()
    .min(0.05)
    .max(256)
    .describe(
      'CPUs the job may use at once, as a CFS quota; 0.5 is half of one CPU. Throttles, does not end the job.',
    ),
  memoryBytes: count(
    16 * MIB,
    1024 * GIB,
    'Memory of all processes, tmpfs files and kernel objects of the job, in bytes. Swap is off. Passing it ends the job: limit_exceeded memory.',
  ),
  pids: count(
    4,
    32_768,
    'Processes and threads at once, sandbox-init included. At the limit fork and clone fail with EAGAIN.',
  ),
  workspaceBytes: count(
    MIB,
    64 * GIB,
    'Size in bytes of the tmpfs /workspace; /tmp is a second tmpfs of the same size. At the limit write fails with ENOSPC. Counts as memory.',
  ),
  workspaceInodes: count(
    64,
    10_000_000,
    'Files and directories in /workspace, and as many in /tmp. At the limit creating a file fails with ENOSPC.',
  ),
  openFiles: count(
    16,
    1_048_576,
    'Open file descriptors per process (RLIMIT_NOFILE). At the limit open fails with EMFILE.',
  ),
  fileSizeBytes: count(
    KIB,
    64 * GIB,
    'Size in bytes of any one file the job writes (RLIMIT_FSIZE). At the limit write fails with EFBIG, or SIGXFSZ ends the process.',
  ),
  outputBytes: count(
    KIB,
    GIB,
    'Bytes kept of stdout, and as many of stderr. Passing it ends the job: limit_exceeded output.',
  ),
  artifactCount: count(
    0,
    10_000,
    'Files collected from the workspace after the command has ended. More are skipped and listed.',
  ),
  artifactBytes: count(
    0,
    4 * GIB,
    'Bytes of all collected artifacts together. A file that would pass it is skipped and listed.',
  ),
  inputBytes: count(
    0,
    GIB,
    'Bytes of the files, the code and stdin of the request together, after decoding. More is refused at submission.',
  ),
};

/**
 * Every limit a job runs under. Units are in the names: `…Ms` is milliseconds, `…Bytes` is bytes.
 * The bounds here are what the product can enforce at all; a policy's ceilings are lower.
 * "Ends the job" limits become an outcome; "system call fails" limits show in the evidence.
 */
export const LimitsSchema = z
  .strictObject(shape, { error: unknownKeyError(Object.keys(shape)) })
  .describe('The limits of a job');

export type Limits = z.infer<typeof LimitsSchema>;
export type LimitName = keyof Limits;

/** Every limit's name, in the order of documentation. */
export const LIMIT_NAMES = Object.keys(LimitsSchema.shape) as readonly LimitName[];

/** What a request may ask for, or a policy may set: any subset of the limits. */
export const PartialLimitsSchema = LimitsSchema.partial();
export type PartialLimits = z.infer<typeof PartialLimitsSchema>;
