import type { Profile } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { ETC_FILES } from './etc-files.js';
import { hardeningOf } from './hardening.js';
import { tmpfsOptions } from './tmpfs-mounts.js';

const MIB = 1024 * 1024;
const profile: Profile = {
  runtime: 'python',
  imageDigest: `sha256:${'0'.repeat(64)}`,
  isolation: 'container',
  network: 'none',
  limits: {
    cpus: 0.05,
    memoryBytes: 128 * MIB,
    pids: 32,
    workspaceBytes: 16 * MIB,
    workspaceInodes: 500,
    openFiles: 100,
    fileSizeBytes: 8 * MIB,
  },
};

/** What Docker 28 masks and makes read-only, the strictest default that there is. */
const DOCKER_MASKS =
  `/proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug /proc/scsi
  /proc/timer_list /proc/timer_stats /sys/devices/virtual/powercap /sys/firmware`.split(/\s+/);
const DOCKER_READONLY = '/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger'.split(' ');

describe('the hardening of a sandbox', () => {
  const hardening = hardeningOf(profile);

  it('hides at least what Docker hides', () => {
    const hidden = [...hardening.maskedPaths, ...hardening.readonlyPaths];
    expect(DOCKER_MASKS.filter((path) => !hardening.maskedPaths.includes(path))).toEqual([]);
    expect(DOCKER_READONLY.filter((path) => !hidden.includes(path))).toEqual([]);
  });

  it('leaves three folders to write to, bounded in bytes and files, owned by the job', () => {
    expect(hardening.tmpfs.map(({ path }) => path)).toEqual(['/workspace', '/tmp', '/dev/shm']);
    for (const mount of hardening.tmpfs) {
      expect(mount.sizeBytes).toBeLessThanOrEqual(profile.limits.workspaceBytes);
      expect(tmpfsOptions(mount)).toEqual(
        expect.arrayContaining(['nosuid', 'nodev', 'uid=10001', 'gid=10001']),
      );
    }
    expect(tmpfsOptions(hardening.tmpfs[0] ?? expect.unreachable())).toContain('nr_inodes=501');
    expect(tmpfsOptions(hardening.tmpfs[1] ?? expect.unreachable())).toContain('mode=1777');
    expect(tmpfsOptions(hardening.tmpfs[2] ?? expect.unreachable())).toContain('noexec');
  });

  it('translates the limits', () => {
    expect(hardening).toMatchObject({
      memoryBytes: 128 * MIB,
      pids: 32,
      cpuPeriodUs: 100_000,
      cpuQuotaUs: 5_000,
    });
    expect(hardening.rlimits).toContainEqual({ name: 'core', soft: 1, hard: 1 });
    // Room for init, which stores files larger than the job may write.
    expect(hardening.rlimits).toContainEqual({ name: 'fsize', soft: 16 * MIB, hard: 16 * MIB });
    expect(hardening.rlimits.find(({ name }) => name === 'nofile')?.hard).toBeGreaterThan(100);
  });

  it('opens the low ports for the door alone', () => {
    expect(hardening.sysctls).toEqual({});
    expect(hardeningOf({ ...profile, network: 'door' }).sysctls).toEqual({
      'net.ipv4.ip_unprivileged_port_start': '0',
    });
  });

  it('resolves localhost, and asks for other names nowhere but inside', () => {
    expect(ETC_FILES['/etc/hosts']).toContain('127.0.0.1 localhost');
    expect(ETC_FILES['/etc/resolv.conf']).toMatch(/^nameserver 127\.0\.0\.1$/m);
  });
});
