/** A path of /proc or /sys, and why a job does not get it. */
export interface ProcPath {
  readonly path: string;
  readonly reason: string;
}

/** Hidden: a file reads as empty, a folder is empty. What a kernel does not have is passed over by the runtimes. */
export const MASKED_PATHS: readonly ProcPath[] = [
  { path: '/proc/acpi', reason: 'Hardware of the host' },
  { path: '/proc/asound', reason: 'Hardware of the host' },
  { path: '/proc/config.gz', reason: 'Says which holes the kernel may have' },
  { path: '/proc/interrupts', reason: 'Counts what neighbours do: keystrokes, disks, network' },
  { path: '/proc/kallsyms', reason: 'Symbols of the kernel' },
  { path: '/proc/kcore', reason: "The kernel's memory" },
  { path: '/proc/key-users', reason: 'Keyrings are in no namespace' },
  { path: '/proc/keys', reason: 'Keyrings are in no namespace' },
  { path: '/proc/latency_stats', reason: 'Counts what neighbours do' },
  { path: '/proc/modules', reason: 'Says which holes the kernel may have' },
  { path: '/proc/pressure', reason: 'How busy the host is, neighbours included' },
  { path: '/proc/sched_debug', reason: 'Names every process of the host' },
  { path: '/proc/scsi', reason: 'Hardware of the host' },
  { path: '/proc/softirqs', reason: 'Counts what neighbours do' },
  { path: '/proc/timer_list', reason: 'Names processes of the host' },
  { path: '/proc/timer_stats', reason: 'Names processes of the host' },
  { path: '/sys/devices/virtual/dmi', reason: "The machine's make and serial numbers" },
  { path: '/sys/devices/virtual/powercap', reason: 'Power meters tell what neighbours compute' },
  { path: '/sys/firmware', reason: 'Firmware tables and variables' },
  { path: '/sys/fs/pstore', reason: "The host's crash records" },
  { path: '/sys/module', reason: 'Says which holes the kernel may have' },
];

/** Readable, never writable. /sys as a whole is mounted read-only besides. */
export const READONLY_PATHS: readonly ProcPath[] = [
  { path: '/proc/bus', reason: 'Devices of the host' },
  { path: '/proc/fs', reason: 'Settings of file systems' },
  { path: '/proc/irq', reason: 'Where interrupts go' },
  { path: '/proc/sys', reason: 'Settings of the kernel; programs read some of them' },
  { path: '/proc/sysrq-trigger', reason: 'Reboots the host' },
];
