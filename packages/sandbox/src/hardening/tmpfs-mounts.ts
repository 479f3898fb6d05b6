import type { Profile } from '@fumehood/schema';
import { SANDBOX_GID, SANDBOX_UID, WORKSPACE_PATH } from './identity.js';

/** A folder in memory, charged to the sandbox that fills it. All are nosuid and nodev. */
export interface TmpfsMount {
  readonly path: string;
  readonly sizeBytes: number;
  readonly inodes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whether programs may be started from it. */
  readonly exec: boolean;
}

const MIB = 1024 * 1024;
const SHM_BYTES = 64 * MIB;
const SHM_INODES = 1_024;

/** The only places where a job can write. */
export function tmpfsMounts(limits: Profile['limits']): readonly TmpfsMount[] {
  const owner = { uid: SANDBOX_UID, gid: SANDBOX_GID };
  // The folder itself takes one.
  const room = { sizeBytes: limits.workspaceBytes, inodes: limits.workspaceInodes + 1 };
  return [
    { path: WORKSPACE_PATH, ...room, mode: 0o755, ...owner, exec: true },
    { path: '/tmp', ...room, mode: 0o1777, ...owner, exec: true },
    {
      path: '/dev/shm',
      sizeBytes: Math.min(SHM_BYTES, limits.workspaceBytes),
      inodes: SHM_INODES,
      mode: 0o1777,
      ...owner,
      exec: false,
    },
  ];
}

/** The mount's data string, as tmpfs(5) takes it. */
export const tmpfsOptions = (mount: TmpfsMount): readonly string[] => [
  'rw',
  'nosuid',
  'nodev',
  mount.exec ? 'exec' : 'noexec',
  `size=${mount.sizeBytes}`,
  `nr_inodes=${mount.inodes}`,
  `mode=${mount.mode.toString(8).padStart(4, '0')}`,
  `uid=${mount.uid}`,
  `gid=${mount.gid}`,
];
