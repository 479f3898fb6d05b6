import { existsSync } from 'node:fs';
import type { Counters } from '../container-engine.js';
import { type Cgroup, type CgroupOptions, cgroupOf, unreadable } from './cgroup-of.js';
import { counterFile, fieldsIn, numberIn } from './counter-file.js';

/** Reads a cgroup's counters. Throws SandboxError `counters_unreadable` once the cgroup is gone. */
export type CountersReader = () => Counters;

const US_PER_MS = 1_000;
const NS_PER_MS = 1_000_000;
/** cpuacct.stat counts in USER_HZ, which is 100 a second on every Linux. */
const MS_PER_TICK = 10;

/**
 * Finds the cgroup of a container's init and returns a reader of its counters. All paths are resolved here, so that reading is cheap.
 * Each controller is taken from where it is: version 1, version 2, or some of both on a hybrid host. Throws like the reader.
 */
export function cgroupCounters(pid: number, options?: CgroupOptions): CountersReader {
  const cgroup = cgroupOf(pid, options);
  const directories = [cgroup.unified, ...cgroup.byController.values()];
  if (!directories.some((directory) => directory !== undefined && existsSync(directory))) {
    throw unreadable('its cgroup is gone, as its last process has ended');
  }
  const readers = [memoryReader(cgroup), pidsReader(cgroup), throttleReader(cgroup)] as const;
  const readCpu = cpuReader(cgroup);
  return () => {
    const [memory, pids, throttle] = [readers[0](), readers[1](), readers[2]()];
    return { ...readCpu(), ...memory, ...pids, ...throttle };
  };
}

function memoryReader({ unified, byController }: Cgroup) {
  const v1 = byController.get('memory');
  const peak =
    v1 === undefined ? counterFile(unified, 'memory.peak') : counterFile(v1, 'memory.max_usage_in_bytes');
  const events =
    v1 === undefined ? counterFile(unified, 'memory.events') : counterFile(v1, 'memory.oom_control');
  return () => ({ memoryPeakBytes: numberIn(peak), oomKills: fieldsIn(events)('oom_kill') });
}

function pidsReader({ unified, byController }: Cgroup) {
  const directory = byController.get('pids') ?? unified;
  const peak = counterFile(directory, 'pids.peak');
  const events = counterFile(directory, 'pids.events');
  return () => ({ pidsPeak: numberIn(peak), pidsRefusals: fieldsIn(events)('max') });
}

function throttleReader({ unified, byController }: Cgroup) {
  const v1 = byController.get('cpu');
  const stat = counterFile(v1 ?? unified, 'cpu.stat');
  return () => {
    const field = fieldsIn(stat);
    return {
      throttledMs:
        v1 === undefined
          ? scaled(field('throttled_usec'), 1 / US_PER_MS)
          : scaled(field('throttled_time'), 1 / NS_PER_MS),
      throttledPeriods: field('nr_throttled'),
    };
  };
}

type CpuTimes = Pick<Counters, 'cpuTimeMs' | 'cpuUserMs' | 'cpuSystemMs'>;

function cpuReader(cgroup: Cgroup): () => CpuTimes {
  const v1 = cgroup.byController.get('cpuacct');
  return v1 === undefined ? cpuReaderV2(cgroup.unified) : cpuReaderV1(v1);
}

function cpuReaderV2(unified: string | undefined): () => CpuTimes {
  const stat = counterFile(unified, 'cpu.stat');
  return () => {
    const field = fieldsIn(stat);
    return {
      cpuTimeMs: needed(scaled(field('usage_usec'), 1 / US_PER_MS)),
      cpuUserMs: scaled(field('user_usec'), 1 / US_PER_MS),
      cpuSystemMs: scaled(field('system_usec'), 1 / US_PER_MS),
    };
  };
}

function cpuReaderV1(directory: string): () => CpuTimes {
  const usage = counterFile(directory, 'cpuacct.usage');
  const user = counterFile(directory, 'cpuacct.usage_user');
  const system = counterFile(directory, 'cpuacct.usage_sys');
  const stat = counterFile(directory, 'cpuacct.stat');
  return () => {
    const field = user === undefined || system === undefined ? fieldsIn(stat) : undefined;
    return {
      cpuTimeMs: needed(scaled(numberIn(usage), 1 / NS_PER_MS)),
      cpuUserMs: field ? scaled(field('user'), MS_PER_TICK) : scaled(numberIn(user), 1 / NS_PER_MS),
      cpuSystemMs: field ? scaled(field('system'), MS_PER_TICK) : scaled(numberIn(system), 1 / NS_PER_MS),
    };
  };
}

const scaled = (value: number | null, factor: number): number | null =>
  value === null ? null : value * factor;

/** Every kernel counts CPU time; a job without this number could not be held to its limit. */
function needed(value: number | null): number {
  if (value === null)
    throw unreadable('its CPU time is not accounted; the host needs the cpuacct controller or cgroup v2');
  return value;
}
