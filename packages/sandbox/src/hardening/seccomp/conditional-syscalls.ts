import { IOCTL_REQUESTS } from './ioctl-requests.js';
import { PRCTL_OPTIONS } from './prctl-options.js';
import { int, masked, type SyscallRule, without } from './syscall-rule.js';

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. CLONE_NEWTIME is a signal number to clone(2). */
const CLONE_NEW_ANY = 0x7e02_0000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
/** Above it are flags such as SOCK_CLOEXEC. */
const SOCK_TYPE_MASK = 0xf;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const NETLINK_ROUTE = 0;

const S_IFMT = 0o170_000;
const S_IFIFO = 0o010_000;
const S_IFREG = 0o100_000;
const S_IFSOCK = 0o140_000;

const MAP_HUGETLB = 0x4_0000;
const MFD_HUGETLB = 0x4;

const PRIO_PROCESS = 0;
const IOPRIO_WHO_PROCESS = 1;

/** The execution domain may be asked for, and set to what it is: Linux, with or without UNAME26. */
const PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

const internet = (type: number, protocol: number) =>
  [AF_INET, AF_INET6].flatMap((family) =>
    [0, protocol].map((one) => [int(0, family), masked(1, SOCK_TYPE_MASK, type), int(2, one)]),
  );

/** What is allowed with some arguments only. */
export const CONDITIONAL_SYSCALLS: readonly SyscallRule[] = [
  {
    group: 'new processes, but no new namespaces',
    reason:
      'A user namespace would give a job every capability inside it, and with them the kernel’s least tested code.',
    decision: 'allow',
    syscalls: ['clone'],
    when: [[without(0, CLONE_NEW_ANY)]],
  },
  {
    group: 'sockets that can be made',
    reason:
      'Unix, TCP and UDP; netlink only to list addresses and routes, which getifaddrs and getaddrinfo do. ' +
      'Every other family (AF_ALG, AF_VSOCK, AF_PACKET, AF_RXRPC, AF_KEY, …) and protocol (SCTP, MPTCP, ICMP, raw, …) is refused: ' +
      'most would load a kernel module.',
    decision: 'allow',
    syscalls: ['socket'],
    when: [
      [int(0, AF_UNIX)],
      [int(0, AF_NETLINK), int(2, NETLINK_ROUTE)],
      ...internet(SOCK_STREAM, IPPROTO_TCP),
      ...internet(SOCK_DGRAM, IPPROTO_UDP),
    ],
  },
  {
    group: 'pairs of sockets',
    reason: 'Unix pairs, as for pipes between processes.',
    decision: 'allow',
    syscalls: ['socketpair'],
    when: [[int(0, AF_UNIX)]],
  },
  {
    group: 'device control',
    reason:
      'Terminals, file flags, counting bytes, and reading interfaces: a list of requests. Not among them: TIOCSTI and TIOCLINUX, which type ' +
      'into a terminal; TIOCSETD, which loads line disciplines; and all that belongs to drivers.',
    decision: 'allow',
    syscalls: ['ioctl'],
    when: Object.values(IOCTL_REQUESTS).map((request) => [int(1, request)]),
  },
  {
    group: 'process control',
    reason:
      'Names, parent-death signals, subreapers and the like: a list of options. Not among them: PR_SET_SECCOMP, PR_SET_MM, ' +
      'PR_SET_SYSCALL_USER_DISPATCH, and turning speculation defences off.',
    decision: 'allow',
    syscalls: ['prctl'],
    when: Object.values(PRCTL_OPTIONS).map((option) => [int(0, option)]),
  },
  {
    group: 'execution domain',
    reason:
      'Asking for it, and the ordinary values. Others turn address randomization off or make every page executable.',
    decision: 'allow',
    syscalls: ['personality'],
    when: PERSONALITIES.map((persona) => [int(0, persona)]),
  },
  {
    group: 'limits of oneself',
    reason:
      'Of the calling process alone. A job has the user id of PID 1 and could else take its limits away.',
    decision: 'allow',
    syscalls: ['prlimit64'],
    when: [[int(0, 0)]],
  },
  {
    group: 'scheduling of oneself',
    reason: 'Of the calling thread alone, so that PID 1 cannot be made to starve.',
    decision: 'allow',
    syscalls: ['sched_setscheduler', 'sched_setparam', 'sched_setattr'],
    when: [[int(0, 0)]],
  },
  {
    group: 'niceness of oneself',
    reason: 'Of the calling process alone, for the same reason.',
    decision: 'allow',
    syscalls: ['setpriority'],
    when: [[int(0, PRIO_PROCESS), int(1, 0)]],
  },
  {
    group: 'disk priority of oneself',
    reason: 'Of the calling process alone, for the same reason.',
    decision: 'allow',
    syscalls: ['ioprio_set'],
    when: [[int(0, IOPRIO_WHO_PROCESS), int(1, 0)]],
  },
  {
    group: 'special files',
    reason: 'Named pipes, sockets and plain files. Never a device, not even the harmless ones.',
    decision: 'allow',
    syscalls: ['mknod'],
    when: [0, S_IFREG, S_IFIFO, S_IFSOCK].map((type) => [masked(1, S_IFMT, type)]),
  },
  {
    group: 'special files in a directory',
    reason: 'The same, with a directory’s descriptor.',
    decision: 'allow',
    syscalls: ['mknodat'],
    when: [0, S_IFREG, S_IFIFO, S_IFSOCK].map((type) => [masked(2, S_IFMT, type)]),
  },
  {
    group: 'mappings',
    reason: 'All but huge pages from the host’s reserve, which are not charged to the job’s memory.',
    decision: 'allow',
    syscalls: ['mmap'],
    when: [[without(3, MAP_HUGETLB)]],
  },
  {
    group: 'memory as a file',
    reason: 'Charged to the job; without the host’s reserve of huge pages, as for mmap.',
    decision: 'allow',
    syscalls: ['memfd_create'],
    when: [[without(1, MFD_HUGETLB)]],
  },
];
