import { ALLOWED_SYSCALLS } from './allowed-syscalls.js';
import { CONDITIONAL_SYSCALLS } from './conditional-syscalls.js';
import { DENIED_SYSCALLS } from './denied-syscalls.js';
import { LEGACY_SYSCALLS } from './legacy-syscalls.js';
import type { Architecture, ArgumentBits, Decision, SyscallRule } from './syscall-rule.js';

/** The whole profile: every decision, with its reason. */
export const SYSCALL_RULES: readonly SyscallRule[] = [
  ...ALLOWED_SYSCALLS,
  ...CONDITIONAL_SYSCALLS,
  ...DENIED_SYSCALLS,
];

/** A profile in the form that the OCI runtime specification has, and that Docker takes. */
export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompEntry[];
}

export interface SeccompEntry {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo: number;
    readonly op: 'SCMP_CMP_MASKED_EQ';
  }[];
}

const ACTIONS: Readonly<Record<Decision, Pick<SeccompEntry, 'action' | 'errnoRet'> | undefined>> = {
  allow: { action: 'SCMP_ACT_ALLOW' },
  ENOSYS: { action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  'no-op': { action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
  // The default; libseccomp refuses a rule that says the same as the default.
  EPERM: undefined,
};

/** Only the native calls of the architecture: what comes through another table (32-bit, x32) kills the process. */
const ARCHITECTURE_NAMES: Readonly<Record<Architecture, string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  aarch64: 'SCMP_ARCH_AARCH64',
};

const rendered = ({ argument, mask, value }: ArgumentBits) =>
  ({ index: argument, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' }) as const;

/** The profile for one architecture. */
export function renderSeccomp(architecture: Architecture): SeccompProfile {
  const exists = (name: string) => architecture === 'x86_64' || !LEGACY_SYSCALLS.has(name);
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: [ARCHITECTURE_NAMES[architecture]],
    syscalls: SYSCALL_RULES.flatMap(({ decision, syscalls, when }) => {
      const action = ACTIONS[decision];
      const names = syscalls.filter(exists);
      if (action === undefined || names.length === 0) return [];
      if (when === undefined) return [{ names, ...action }];
      return when.map((alternative) => ({ names, ...action, args: alternative.map(rendered) }));
    }),
  };
}
