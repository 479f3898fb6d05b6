import type { SyscallRule } from './syscall-rule.js';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * What is refused by name. Refusing is the default, so these rules are there for their reasons, for those answers that are not
 * EPERM, and so that a test can say that every system call was decided on.
 */
export const DENIED_SYSCALLS: readonly SyscallRule[] = [
  {
    group: 'clone3',
    reason: 'Its flags are in memory, where a filter can’t see them. The C library falls back to clone.',
    decision: 'ENOSYS',
    syscalls: ['clone3'],
  },
  {
    group: 'io_uring',
    reason:
      'Does what other calls do without passing this filter, and has had many holes. libuv falls back to threads.',
    decision: 'ENOSYS',
    syscalls: words('io_uring_setup io_uring_enter io_uring_register'),
  },
  {
    group: 'asynchronous disk access',
    reason: 'Takes from one reserve of the whole host (fs.aio-max-nr), and nothing here is on a disk.',
    decision: 'ENOSYS',
    syscalls: words('io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents'),
  },
  {
    group: 'filters and sandboxes of the job’s own',
    reason: 'Programs that confine themselves go on without; their bytecode is surface in the kernel.',
    decision: 'ENOSYS',
    syscalls: words('seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self'),
  },
  {
    group: 'memory placement and page cache',
    reason:
      'Placement is the host’s business; what is in the page cache tells of other jobs. libnuma does without.',
    decision: 'ENOSYS',
    syscalls: words(`
      get_mempolicy set_mempolicy set_mempolicy_home_node mbind migrate_pages move_pages cachestat memfd_secret
      map_shadow_stack remap_file_pages
    `),
  },
  {
    group: 'lists of mounts, namespaces and security modules',
    reason: 'New calls that nobody needs; programs fall back to /proc.',
    decision: 'ENOSYS',
    syscalls: words(`
      statmount listmount listns lsm_get_self_attr lsm_set_self_attr lsm_list_modules file_setattr uretprobe
    `),
  },
  {
    group: 'flushing every disk of the host',
    reason:
      'What a job can write is in memory, so there is nothing to flush; the real call would stall its neighbours.',
    decision: 'no-op',
    syscalls: words('sync syncfs'),
  },
  {
    group: 'namespaces and mounts',
    reason: 'The walls of the sandbox.',
    decision: 'EPERM',
    syscalls: words(`
      unshare setns mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick mount_setattr
    `),
  },
  {
    group: 'other processes’ insides',
    reason: 'Debugging reaches into PID 1 and has a long history of holes.',
    decision: 'EPERM',
    syscalls: words(`
      ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp get_robust_list
    `),
  },
  {
    group: 'tracing and programs in the kernel',
    reason: 'The largest surface that the kernel has.',
    decision: 'EPERM',
    syscalls: words('bpf perf_event_open userfaultfd lookup_dcookie fanotify_init fanotify_mark'),
  },
  {
    group: 'keyrings',
    reason: 'Not in any namespace: one job could leave a note for the next.',
    decision: 'EPERM',
    syscalls: words('add_key request_key keyctl'),
  },
  {
    group: 'files by handle',
    reason: 'Opens files without a path, past every mount.',
    decision: 'EPERM',
    syscalls: words('open_by_handle_at name_to_handle_at'),
  },
  {
    group: 'splicing user pages',
    reason: 'Lends pages of a process to a pipe; behind several holes, and hardly used.',
    decision: 'EPERM',
    syscalls: ['vmsplice'],
  },
  {
    group: 'clocks of the host',
    reason: 'There is one clock, and it is everybody’s.',
    decision: 'EPERM',
    syscalls: words('settimeofday clock_settime clock_adjtime adjtimex'),
  },
  {
    group: 'administration of the host',
    reason: 'Nothing of it is a job’s business.',
    decision: 'EPERM',
    syscalls: words(`
      reboot kexec_load kexec_file_load init_module finit_module delete_module swapon swapoff acct syslog quotactl quotactl_fd
      sethostname setdomainname vhangup nfsservctl
    `),
  },
  {
    group: 'hardware and segments',
    reason: 'Ports and descriptor tables: for emulators of old systems.',
    decision: 'EPERM',
    syscalls: words('iopl ioperm modify_ldt'),
  },
  {
    group: 'calls of the past',
    reason: 'Obsolete; most of them have had no code in the kernel for years.',
    decision: 'EPERM',
    syscalls: words(`
      _sysctl sysfs ustat uselib create_module get_kernel_syms query_module getpmsg putpmsg afs_syscall tuxcall security vserver
      get_thread_area set_thread_area epoll_ctl_old epoll_wait_old
    `),
  },
];
