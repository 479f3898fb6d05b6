export const ARCHITECTURES = ['x86_64', 'aarch64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/**
 * `allow`: the kernel does it. `EPERM`: refused. `ENOSYS`: refused the way an older kernel would, because libraries then do without.
 * `no-op`: reported as done, and not done, because doing it would be the same for the job.
 */
export type Decision = 'allow' | 'EPERM' | 'ENOSYS' | 'no-op';

/** One argument of a call: the bits under `mask` equal `value`. */
export interface ArgumentBits {
  /** 0 is the first argument. */
  readonly argument: number;
  readonly mask: number;
  readonly value: number;
}

/** A decision about system calls, and why. What no rule names is refused with EPERM. */
export interface SyscallRule {
  readonly group: string;
  readonly reason: string;
  readonly decision: Decision;
  readonly syscalls: readonly string[];
  /** The decision holds where every argument of one of these alternatives matches; otherwise EPERM. Always, when absent. */
  readonly when?: readonly (readonly ArgumentBits[])[];
}

const LOW_32 = 0xffff_ffff;

/**
 * An argument that the kernel reads as an `int`. Only its low half counts: the kernel drops the rest, so a filter that looked at all
 * 64 bits would see another value than the kernel does.
 */
export const int = (argument: number, value: number): ArgumentBits => ({ argument, mask: LOW_32, value });

/** An argument that has none of these bits. */
export const without = (argument: number, bits: number): ArgumentBits => ({
  argument,
  mask: bits,
  value: 0,
});

/** An argument whose bits under `mask` are these. */
export const masked = (argument: number, mask: number, value: number): ArgumentBits => ({
  argument,
  mask,
  value,
});
