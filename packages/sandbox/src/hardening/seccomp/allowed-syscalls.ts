import type { SyscallRule } from './syscall-rule.js';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What ordinary programs need, whatever its arguments. */
export const ALLOWED_SYSCALLS: readonly SyscallRule[] = [
  {
    group: 'reading and writing',
    reason:
      'Every program reads and writes. Where a file may be opened is decided by the mounts and its mode.',
    decision: 'allow',
    syscalls: words(`
      read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek open openat openat2 creat close close_range
      dup dup2 dup3 fcntl flock fsync fdatasync sync_file_range truncate ftruncate fallocate fadvise64 readahead
      sendfile copy_file_range splice tee pipe pipe2
    `),
  },
  {
    group: 'names and directories',
    reason:
      'Making, listing, renaming and removing files in the two tmpfs folders. The rest of the tree is read-only.',
    decision: 'allow',
    syscalls: words(`
      getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir rename renameat renameat2 link linkat unlink unlinkat
      symlink symlinkat readlink readlinkat access faccessat faccessat2 umask
    `),
  },
  {
    group: 'file metadata',
    reason:
      'Sizes, modes, times and extended attributes of files. Owners cannot change: the job has no capability for it.',
    decision: 'allow',
    syscalls: words(`
      stat fstat lstat newfstatat statx statfs fstatfs chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
      utime utimes futimesat utimensat getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat
      setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_getattr
    `),
  },
  {
    group: 'memory',
    reason:
      'The heap, shared libraries and mappings. All of it is charged to the job; mlock is bounded by an rlimit.',
    decision: 'allow',
    syscalls: words(`
      brk munmap mremap mprotect msync mincore madvise mlock mlock2 munlock mlockall munlockall mseal
      pkey_alloc pkey_free pkey_mprotect membarrier
    `),
  },
  {
    group: 'processes and threads',
    reason:
      'Starting programs and threads, waiting for them, ending. How many there may be is the pids limit.',
    decision: 'allow',
    syscalls: words(`
      fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp setpgid getsid setsid
      set_tid_address set_robust_list rseq arch_prctl restart_syscall
      futex futex_wait futex_wake futex_requeue futex_waitv pidfd_open pidfd_send_signal
    `),
  },
  {
    group: 'signals',
    reason: 'Sending and handling signals. The pid namespace keeps them inside the sandbox.',
    decision: 'allow',
    syscalls: words(`
      kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo
      rt_sigreturn rt_sigsuspend sigaltstack pause signalfd signalfd4
    `),
  },
  {
    group: 'waiting for events',
    reason: 'Event loops: poll, epoll, eventfd, inotify, timers as files.',
    decision: 'allow',
    syscalls: words(`
      poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
      inotify_init inotify_init1 inotify_add_watch inotify_rm_watch timerfd_create timerfd_settime timerfd_gettime
    `),
  },
  {
    group: 'time',
    reason: 'Reading clocks, sleeping and timers of the process. Setting a clock is not among them.',
    decision: 'allow',
    syscalls: words(`
      time gettimeofday clock_gettime clock_getres nanosleep clock_nanosleep times alarm getitimer setitimer
      timer_create timer_delete timer_getoverrun timer_gettime timer_settime
    `),
  },
  {
    group: 'identity',
    reason:
      'Reading user and group ids, and setting them to what they are. Without capabilities and with no_new_privs no other id can be had.',
    decision: 'allow',
    syscalls: words(`
      getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid setresgid
      setfsuid setfsgid setgroups capget capset
    `),
  },
  {
    group: 'limits, scheduling and information',
    reason:
      'Reading and lowering one’s own limits, choosing CPUs among those allowed, reading what the system is.',
    decision: 'allow',
    syscalls: words(`
      getrlimit setrlimit getrusage getpriority ioprio_get sched_yield sched_getaffinity sched_setaffinity sched_getattr
      sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
      uname sysinfo getcpu getrandom
    `),
  },
  {
    group: 'messages between processes',
    reason:
      'System V and POSIX shared memory, semaphores and queues: in an ipc namespace of its own, charged to the job.',
    decision: 'allow',
    syscalls: words(`
      shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl
      mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    `),
  },
  {
    group: 'sockets that exist',
    reason:
      'What may be done with a socket. Which sockets there may be is decided at socket() and socketpair().',
    decision: 'allow',
    syscalls: words(`
      bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt shutdown
      sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg
    `),
  },
];
