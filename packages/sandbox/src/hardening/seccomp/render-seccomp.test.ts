import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEGACY_SYSCALLS } from './legacy-syscalls.js';
import { renderSeccomp, SYSCALL_RULES } from './render-seccomp.js';
import { ARCHITECTURES } from './syscall-rule.js';

const lines = (url: URL) => readFileSync(url, 'utf8').trim().split('\n');
/** Every system call that an architecture has, by the kernel's headers. */
const kernelCalls = (architecture: string) => lines(new URL(`fixtures/${architecture}.txt`, import.meta.url));
const entriesOf = (name: string) =>
  renderSeccomp('x86_64').syscalls.filter((entry) => entry.names.includes(name));

describe('the seccomp table', () => {
  it.each(ARCHITECTURES)('decides on every system call of %s, once', (architecture) => {
    const decided = SYSCALL_RULES.flatMap(({ syscalls }) => syscalls);
    expect(kernelCalls(architecture).filter((name) => !decided.includes(name))).toEqual([]);
    expect(decided.filter((name, index) => decided.indexOf(name) !== index)).toEqual([]);
  });

  it('gives a reason for every group, and no group twice', () => {
    for (const { reason } of SYSCALL_RULES) expect(reason).toMatch(/^[A-Z].{15,}\.$/);
    const groups = SYSCALL_RULES.map(({ group }) => group);
    expect(new Set(groups).size).toBe(groups.length);
  });

  it('knows which calls are of x86_64 alone', () => {
    const newer = new Set(kernelCalls('aarch64'));
    expect([...LEGACY_SYSCALLS].filter((name) => newer.has(name))).toEqual([]);
    const allowed = renderSeccomp('aarch64').syscalls.flatMap(({ names }) => names);
    expect(allowed.filter((name) => !newer.has(name))).toEqual([]);
  });
});

describe('a rendered seccomp profile', () => {
  it.each(ARCHITECTURES)('is the committed one of %s', (architecture) => {
    const file = new URL(`../../../../../infra/seccomp/${architecture}.json`, import.meta.url);
    // `pnpm --filter @fumehood/sandbox run generate` writes it.
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(renderSeccomp(architecture));
  });

  it('refuses what it does not name, and every foreign table of calls', () => {
    const profile = renderSeccomp('x86_64');
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64']);
    expect(profile.syscalls.some(({ names }) => names.length === 0)).toBe(false);
  });

  it('has no rule that says the same as the default, which libseccomp would refuse', () => {
    const errnos = renderSeccomp('x86_64').syscalls.flatMap(({ action, errnoRet }) =>
      action === 'SCMP_ACT_ERRNO' ? [errnoRet] : [],
    );
    expect([...new Set(errnos)].sort()).toEqual([0, 38]);
  });

  it.each([
    'bpf',
    'mount',
    'ptrace',
    'unshare',
    'setns',
    'keyctl',
    'userfaultfd',
    'open_by_handle_at',
    'init_module',
  ])('does not name %s', (name) => {
    expect(entriesOf(name)).toEqual([]);
  });

  it('never looks at more of an int than the kernel does', () => {
    const wide = renderSeccomp('x86_64')
      .syscalls.flatMap(({ args = [] }) => args)
      .filter(({ value, valueTwo }) => value > 0xffff_ffff || (valueTwo & ~value) !== 0);
    expect(wide).toEqual([]);
  });

  it.each([
    ['TIOCSTI', 0x5412],
    ['TIOCLINUX', 0x541c],
    ['TIOCSETD', 0x5423],
    ['TIOCCONS', 0x541d],
  ])('has no rule that lets the ioctl %s through', (_, request) => {
    const passing = entriesOf('ioctl').filter(({ args = [] }) =>
      args.every(({ value, valueTwo }) => (request & value) >>> 0 === valueTwo),
    );
    expect(passing).toEqual([]);
  });
});
