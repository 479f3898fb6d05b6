/** Calls of x86_64 that newer architectures, aarch64 among them, never had: each has a successor. */
export const LEGACY_SYSCALLS: ReadonlySet<string> = new Set(
  `open creat stat lstat access pipe dup2 poll select pause alarm fork vfork getdents rename mkdir rmdir link unlink symlink readlink
  chmod chown lchown utime utimes futimesat mknod time signalfd eventfd epoll_create epoll_wait inotify_init getpgrp arch_prctl
  uselib ustat sysfs _sysctl modify_ldt iopl ioperm create_module get_kernel_syms query_module getpmsg putpmsg afs_syscall tuxcall
  security vserver get_thread_area set_thread_area epoll_ctl_old epoll_wait_old uretprobe`.split(/\s+/),
);
