import type { Profile } from '@fumehood/schema';

/** A limit of each process, by its name without RLIMIT_ in lower case. */
export interface Rlimit {
  readonly name: 'core' | 'fsize' | 'memlock' | 'msgqueue' | 'nofile' | 'stack';
  readonly soft: number;
  readonly hard: number;
}

const MIB = 1024 * 1024;
/** What init itself has open, with room: the job gets exactly its own number from init. */
const INIT_OPEN_FILES = 64;

/**
 * The limits that PID 1 starts with. It lowers `nofile` and `fsize` to the job's own before it starts the job. Not among them is `nproc`:
 * it counts the processes of the user id in all sandboxes together, so that one job could stop the others; the cgroup bounds each by itself.
 */
export function rlimits(limits: Profile['limits']): readonly Rlimit[] {
  const both = (name: Rlimit['name'], value: number): Rlimit => ({
    name,
    soft: value,
    hard: value,
  });
  return [
    // A core file would be written by the host, wherever its core_pattern says. Where that is a pipe the kernel heeds no limit but 1,
    // and a file of one byte is less than it would begin with.
    both('core', 1),
    // init stores the input files, which may be larger than what the job may write.
    both('fsize', Math.max(limits.fileSizeBytes, limits.workspaceBytes)),
    both('nofile', limits.openFiles + INIT_OPEN_FILES),
    both('memlock', 8 * MIB),
    both('msgqueue', 819_200),
    { name: 'stack', soft: 8 * MIB, hard: Math.max(8 * MIB, limits.memoryBytes) },
  ];
}
