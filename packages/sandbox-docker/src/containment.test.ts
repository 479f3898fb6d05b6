import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { type Container, INIT_MOUNT_PATH, NAMESPACES } from '@fumehood/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerApi } from './api/docker-api.js';
import { dockerEngine } from './engine/docker-engine.js';
import { DEFAULT_SOCKET_PATH } from './engine/docker-facts.js';
import { BASE_IMAGE, compiled, profileOf, sandboxInit, temporaryFolder } from './testing/fixtures.js';

const never = new AbortController().signal;

async function textOf(container: Container): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of container.stream.readable) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a system call in a sandbox', () => {
  const { EPERM, ENOSYS, ENOENT } = constants.errno;
  const refused = (errno: number, names: string) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, errno] as const);
  const KILLED = -constants.signals.SIGSYS;
  const expected = [
    ...refused(
      0,
      `fork prctl_set_name personality_query prlimit_self setpriority_self socket_unix socket_tcp socket_tcp6 socket_udp
      socket_netlink_route socketpair_unix ioctl_fionread mknod_fifo mmap memfd sync syncfs openat2 statx faccessat2 close_range
      pidfd_open membarrier getrandom`,
    ),
    ...refused(
      EPERM,
      `unshare unshare_net clone_newuser clone_newnet_high setns mount umount2 pivot_root chroot fsopen open_tree move_mount mount_setattr
      bpf perf_event_open userfaultfd fanotify_init prctl_set_seccomp prctl_set_mm keyctl add_key request_key
      ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp open_by_handle_at name_to_handle_at vmsplice
      personality_no_randomize personality_read_implies_exec_high prlimit_other setpriority_other sched_setscheduler_other ioprio_set_other
      socket_netlink_uevent socket_netlink_netfilter socket_alg socket_alg_high socket_vsock socket_packet socket_rxrpc socket_key
      socket_raw socket_ping socket_sctp socket_mptcp socketpair_tipc
      ioctl_tiocsti ioctl_tiocsti_high ioctl_tioclinux ioctl_tiocsetd mknod_char mknod_whiteout mknod_block mmap_huge memfd_huge
      quotactl swapon swapoff reboot kexec_load init_module finit_module delete_module acct syslog settimeofday clock_settime
      adjtimex clock_adjtime sethostname setdomainname vhangup`,
    ),
    ...refused(
      ENOSYS,
      `clone3 io_uring_setup io_uring_enter io_uring_register io_setup seccomp landlock_create_ruleset memfd_secret get_mempolicy`,
    ),
    ...refused(ENOENT, 'mq_unlink'),
    ...(process.arch === 'x64'
      ? [...refused(EPERM, 'iopl ioperm modify_ldt'), ...refused(KILLED, 'x32_getpid i386_getpid')]
      : []),
  ];
  const seen = new Map<string, number>();

  beforeAll(async () => {
    using folder = temporaryFolder();
    await using engine = await dockerEngine({ initPath: compiled('probe', folder.path) });
    const container = await engine.create(await profileOf(BASE_IMAGE), never);
    await container.stream.write(Buffer.from('!'));
    for (const line of (await textOf(container)).trim().split('\n')) {
      const [name = '', errno] = line.split(' ');
      seen.set(name, Number(errno));
    }
  });

  it.each(expected)('%s ends with errno %d', (name, errno) => {
    expect(seen.get(name)).toBe(errno);
  });

  it('was decided on in this list, whichever it was', () => {
    expect([...seen.keys()].sort()).toEqual(expected.map(([name]) => name).sort());
  });
});

describe('a sandbox seen from the host', () => {
  let engine: Awaited<ReturnType<typeof dockerEngine>>;
  let container: Container;
  let pid: number;

  beforeAll(async () => {
    engine = await dockerEngine({ initPath: sandboxInit() });
    container = await engine.create(await profileOf(BASE_IMAGE, { pids: 33 }), never);
    pid = (await dockerApi(DEFAULT_SOCKET_PATH).inspect(container.id)).State.Pid;
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  const status = () => readFileSync(`/proc/${pid}/status`, 'utf8');
  const mounts = () =>
    readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [left = '', right = ''] = line.split(' - ');
        const [, , , , path = '', options = ''] = left.split(' ');
        const [type = '', , data = ''] = right.split(' ');
        return { path, options: options.split(','), type, data: data.split(',') };
      });

  it('has no capability in any set, can gain none, and is behind a filter', () => {
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(status()).toMatch(new RegExp(`^${set}:\\s0+$`, 'm'));
    }
    expect(status()).toMatch(/^NoNewPrivs:\s1$/m);
    expect(status()).toMatch(/^Seccomp:\s2$/m);
    expect(status()).toMatch(/^Uid:\s10001\s10001\s10001\s10001$/m);
    expect(status()).toMatch(/^Groups:\s*(10001)?\s*$/m);
  });

  it.each(NAMESPACES)('has its own %s namespace', (namespace) => {
    expect(readlinkSync(`/proc/${pid}/ns/${namespace}`)).not.toBe(readlinkSync(`/proc/self/ns/${namespace}`));
  });

  it('has a network namespace with loopback and nothing else', () => {
    const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').trim().split('\n').slice(2);
    expect(lines.map((line) => line.trim().split(':')[0])).toEqual(['lo']);
    expect(readFileSync(`/proc/${pid}/net/route`, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('can write to tmpfs alone, and only where it should', () => {
    const writable = mounts().filter(({ options, type }) => options.includes('rw') && type !== 'proc');
    const paths = writable.filter(({ type, data }) => type === 'tmpfs' && data.includes('uid=10001'));
    expect(paths.map(({ path }) => path).sort()).toEqual(['/dev/shm', '/tmp', '/workspace']);
    for (const { options, data } of paths) {
      expect(options).toEqual(expect.arrayContaining(['nosuid', 'nodev']));
      expect(data).toEqual(
        expect.arrayContaining([expect.stringMatching(/^size=/), expect.stringMatching(/^nr_inodes=/)]),
      );
    }
    // What is left is the kernel's, or belongs to root.
    const others = writable.filter((mount) => !paths.includes(mount)).map(({ path }) => path);
    expect(others.filter((path) => !/^\/dev(\/|$)|^\/proc\/|^\/sys\/fs\/cgroup$/.test(path))).toEqual([]);
  });

  it('has a read-only root', () => {
    expect(mounts().find(({ path }) => path === '/')?.options).toContain('ro');
  });

  it('leaves no file behind on the host once it runs', () => {
    const sources = mounts().filter(({ path }) => path === '/etc/hosts' || path === '/etc/resolv.conf');
    expect(sources).toHaveLength(2);
    for (const { options } of sources) expect(options).toContain('ro');
    expect(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).toMatch(/fumehood-etc-[^ ]*\/hosts\/\/deleted/);
  });

  it('shares no file with another that either could lock', async () => {
    const other = await engine.create(await profileOf(BASE_IMAGE), never);
    const otherPid = (await dockerApi(DEFAULT_SOCKET_PATH).inspect(other.id)).State.Pid;
    for (const path of ['/etc/hosts', '/etc/resolv.conf', '/etc/hostname']) {
      const [one, two] = [pid, otherPid].map((of) => statSync(`/proc/${of}/root${path}`).ino);
      expect(one).not.toBe(two);
    }
    // sandbox-init is one file for all, so nobody may open it.
    expect(statSync(`/proc/${pid}/root${INIT_MOUNT_PATH}`).mode & 0o044).toBe(0);
    await other.destroy();
  });

  it('is given nothing of the environment', () => {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
    expect(environment.filter((variable) => !variable.startsWith('HOME='))).toEqual([]);
  });

  it('stands in a cgroup with its limits, and its counters are read there', async () => {
    const counters = await container.counters();
    expect(counters.memoryPeakBytes).toBeGreaterThan(0);
    expect(counters.cpuTimeMs).toBeGreaterThan(0);
    expect(counters.oomKills).toBe(0);
    expect(counters.pidsPeak).toBeLessThanOrEqual(33);
  });

  it('is killed before the host’s own processes when the host runs out of memory', () => {
    expect(Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'))).toBe(500);
  });
});
