import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Who made a container: a process of one boot of one host. `bootId:pidNamespace:pid:startTicks`; the last tells the process from a later one
 * with the same number.
 */
export type Owner = string;

export type Liveness = 'alive' | 'dead' | 'unknown';

/** This process, as an owner. */
export function currentOwner(): Owner {
  return [bootId(), pidNamespace(), process.pid, startTicks(process.pid) ?? 0].join(':');
}

/** Whether an owner still runs. That of another boot, host or pid namespace can't be seen from here. */
export function ownerLiveness(owner: Owner): Liveness {
  const match = /^([0-9a-f-]{36}):(\d+):(\d+):(\d+)$/.exec(owner);
  if (match === null) return 'unknown';
  const [, boot, namespace, pid, ticks] = match;
  if (boot !== bootId() || namespace !== pidNamespace()) return 'unknown';
  return String(startTicks(Number(pid))) === ticks ? 'alive' : 'dead';
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** The inode number out of `pid:[4026531836]`. */
const pidNamespace = (): string => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');

/** When a process started, in clock ticks since boot; undefined when there is none, or only what its parent has not collected yet. */
function startTicks(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name in parentheses may contain anything; the state follows the last one (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : Number(fields[19]);
}
