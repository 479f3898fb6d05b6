import type { Command, Profile } from '@fumehood/schema';
import { it, type TestAPI } from 'vitest';
import type { RunIo, RunResult, Sandbox, SandboxDriver, SandboxFile } from '../driver.js';

/** What a driver can do beyond running programs. A driver for untrusted code has all of them. */
export const DRIVER_CAPABILITIES = [
  /** CPU time of all processes is counted. */
  'cpu_time',
  /** Memory of all processes is limited, and oom kills are counted. */
  'memory',
  /** The number of processes is limited and counted. */
  'pids',
  /** Open files and file sizes are limited for each process. */
  'rlimits',
  /** /workspace and /tmp are file systems of their own, limited in bytes and inodes. */
  'storage',
  /** The rest of the file system is the image's, read-only, and the host's kernel interfaces are masked. */
  'filesystem',
  /** There is no network but loopback. */
  'network',
  /** Processes of other sandboxes and of the host can't be seen, and none outlives the program, whatever it does. */
  'processes',
  /** Programs run as an unprivileged user, without capabilities, unable to gain any, behind a seccomp filter. */
  'privileges',
] as const;
export type DriverCapability = (typeof DRIVER_CAPABILITIES)[number];

export interface DriverContract {
  /** Its image has `sh` and coreutils. Cases change its limits. */
  readonly runtimeProfile: Profile;
  readonly capabilities: readonly DriverCapability[];
  /** Names whatever of this driver's sandboxes is still on the host: containers, cgroups, mounts, files. Nothing may be, after each case. */
  readonly leftovers?: () => Promise<readonly string[]>;
}

/** What a case asks for; all else has a default. */
export interface Job {
  readonly argv?: readonly string[];
  readonly compile?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | SandboxFile['content']>>;
  readonly stdin?: string | Uint8Array;
  readonly artifacts?: readonly string[];
  readonly limits?: Partial<Command['limits']>;
  readonly profileLimits?: Partial<Profile['limits']>;
  readonly signal?: AbortSignal;
  readonly beforeStart?: RunIo['beforeStart'];
  readonly onOutput?: RunIo['onOutput'];
  readonly onArtifact?: RunIo['onArtifact'];
}

/** What a job did, with all that it wrote. */
export interface Ran extends RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: number;
  readonly contents: ReadonlyMap<string, Buffer>;
}

export interface Bench {
  readonly driver: SandboxDriver;
  readonly profile: Profile;
  acquire(limits?: Partial<Profile['limits']>): Promise<Sandbox>;
  /** Runs a job in a sandbox of its own. */
  run(job: Job): Promise<Ran>;
  /** Runs a shell script in a sandbox of its own. Further arguments are its $1, $2, … */
  sh(script: string, job?: Job, ...args: readonly string[]): Promise<Ran>;
  /** `it`, or `it.skip` where the driver lacks what the case needs. */
  itWith(...needed: readonly DriverCapability[]): TestAPI | TestAPI['skip'];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const LIMITS: Command['limits'] = {
  wallTimeMs: 15_000,
  cpuTimeMs: 15_000,
  outputBytes: 4 * 1024 * 1024,
  artifactCount: 100,
  artifactBytes: 32 * 1024 * 1024,
};

const toCommand = (job: Job): Command => ({
  ...(job.compile === undefined ? {} : { compile: [...job.compile] }),
  argv: [...(job.argv ?? ['true'])],
  env: { PATH, ...job.env },
  artifacts: [...(job.artifacts ?? [])],
  limits: { ...LIMITS, ...job.limits },
});

/** Runs a job in the given sandbox and keeps all that comes out. */
export async function runIn(sandbox: Sandbox, job: Job): Promise<Ran> {
  const output: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  const contents = new Map<string, Buffer>();
  const result = await sandbox.run(toCommand(job), {
    files: Object.entries(job.files ?? {}).map(([path, content]) => ({
      path,
      content: Buffer.from(content),
      executable: path.endsWith('.sh'),
    })),
    stdin: Buffer.from(job.stdin ?? ''),
    signal: job.signal ?? new AbortController().signal,
    beforeStart: job.beforeStart ?? (async () => undefined),
    onOutput(stream, chunk) {
      output[stream].push(chunk);
      return job.onOutput?.(stream, chunk);
    },
    async onArtifact(path, bytes, content) {
      if (job.onArtifact !== undefined) return await job.onArtifact(path, bytes, content);
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      contents.set(path, Buffer.concat(chunks));
    },
  });
  const stdout = Buffer.concat(output.stdout);
  const stderr = Buffer.concat(output.stderr);
  return {
    ...result,
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    stdoutBytes: stdout.length,
    contents,
  };
}

export function createBench(contract: DriverContract, driver: () => SandboxDriver): Bench {
  const profile = contract.runtimeProfile;
  const bench: Bench = {
    get driver() {
      return driver();
    },
    profile,
    acquire: (limits) =>
      driver().acquire(
        { ...profile, limits: { ...profile.limits, ...limits } },
        new AbortController().signal,
      ),
    async run(job) {
      await using sandbox = await bench.acquire(job.profileLimits);
      return await runIn(sandbox, job);
    },
    sh: (script, job, ...args) => bench.run({ ...job, argv: ['sh', '-c', script, 'sh', ...args] }),
    itWith: (...needed) => (needed.every((one) => contract.capabilities.includes(one)) ? it : it.skip),
  };
  return bench;
}
