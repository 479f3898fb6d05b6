import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.js';

/** A case that would do harm outside a sandbox does nothing unless sandbox-init is where every sandbox has it. */
const ONLY_INSIDE = 'test -x /.fumehood/init || exit 99;';

export function describeContainment(bench: Bench): void {
  describe('processes', () => {
    const itContains = bench.itWith('processes');

    it('that are left in the background end with their program', async () => {
      const ran = await bench.sh('sleep 60 & echo started');
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'started\n' });
    });

    it('that hold the output open hold nobody up', async () => {
      const ran = await bench.sh(
        '(sleep 60; echo late) & (sh -c "sleep 60 & sleep 60" &); echo started; exit 4',
      );
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 4 }, stdout: 'started\n' });
    });

    itContains('that have fled into sessions of their own end as well', async () => {
      const ran =
        await bench.sh(`cd /; for n in 1 2 3; do setsid sh -c 'trap "" TERM HUP; sleep 60; echo late' & done
        sleep 0.2; echo started`);
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'started\n' });
    });

    itContains('of others can not be seen', async () => {
      const ran = await bench.sh('ls /proc | grep -c "^[0-9]"; cat /proc/1/comm');
      const [count, first] = ran.stdout.split('\n');
      expect(Number(count)).toBeLessThan(10);
      expect(first).toBe('init');
    });

    itContains('can do nothing to the one that watches over them', async () => {
      const ran = await bench.sh(
        `${ONLY_INSIDE} for s in STOP KILL TERM SEGV CHLD PIPE HUP; do kill -$s 1; done; echo alive`,
      );
      expect(ran).toMatchObject({ outcome: { type: 'exited', exitCode: 0 }, stdout: 'alive\n' });
    });
  });

  describe('what an earlier job left', () => {
    it('in the workspace is not seen by a later one', async () => {
      await bench.sh('echo ghost > ghost; mkdir .hidden');
      expect((await bench.sh('ls -A')).stdout).toBe('');
    });

    bench.itWith('filesystem')('anywhere else is not seen by a later one', async () => {
      const places = '/tmp /var/tmp /dev/shm /run /home "$HOME"';
      await bench.sh(`${ONLY_INSIDE} for d in ${places}; do echo ghost > "$d/ghost"; done 2>/dev/null; true`);
      const ran = await bench.sh(`find ${places} -name ghost 2>/dev/null; true`);
      expect(ran.stdout).toBe('');
    });
  });

  describe('the file system', () => {
    const itIsSealed = bench.itWith('filesystem');

    itIsSealed('survives its deletion, and the next sandbox knows nothing of it', async () => {
      const ran = await bench.sh(
        `${ONLY_INSIDE} rm -rf --no-preserve-root / 2>/dev/null; echo here; test -x /bin/sh && echo whole`,
      );
      expect(ran.stdout).toBe('here\nwhole\n');
      expect((await bench.sh('ls /bin/sh && echo fine')).stdout).toContain('fine');
    });

    itIsSealed('is read-only but for the workspace and /tmp', async () => {
      const ran = await bench.sh(`${ONLY_INSIDE}
        for d in / /etc /usr /usr/bin /bin /lib /var /var/tmp /opt /root /home /srv /run /proc /proc/self /sys /dev /.fumehood; do
          (echo x > "$d/probe") 2>/dev/null && echo "wrote $d"; done
        (echo x >> /etc/passwd) 2>/dev/null && echo "wrote passwd"
        (echo x >> /.fumehood/init) 2>/dev/null && echo "wrote init"
        echo x > /tmp/probe && echo x > probe && echo done`);
      expect(ran.stdout).toBe('done\n');
    });

    itIsSealed('shows nothing of the host in /proc and /sys', async () => {
      const secrets =
        'kcore keys key-users timer_list sched_debug interrupts latency_stats acpi/wakeup scsi/scsi';
      const ran = await bench.sh(`for f in ${secrets}; do head -c 64 "/proc/$f" 2>/dev/null; done | wc -c
        ls /sys/firmware /sys/kernel/security 2>/dev/null | grep -v : | grep -c .`);
      expect(ran.stdout.split(/\s+/).filter(Boolean)).toEqual(['0', '0']);
    });

    itIsSealed('gives no way to the kernel’s switches', async () => {
      const ran = await bench.sh(`${ONLY_INSIDE} (echo h > /proc/sysrq-trigger) 2>/dev/null && echo sysrq
        (cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness) 2>/dev/null && echo sysctl
        (cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern) 2>/dev/null && echo core; true`);
      expect(ran.stdout).toBe('');
    });

    itIsSealed('has no devices of the host', async () => {
      const ran = await bench.sh('find /dev -xdev \\( -type b -o -type c \\) | sed "s|/dev/||" | sort');
      const harmless = ['console', 'full', 'null', 'random', 'tty', 'urandom', 'zero', 'ptmx'];
      expect(ran.stdout.split('\n').filter((name) => name !== '' && !harmless.includes(name))).toEqual([]);
    });
  });

  describe('the network', () => {
    const itIsCut = bench.itWith('network');

    itIsCut('is loopback and nothing else', async () => {
      const ran = await bench.sh(`tail -n +3 /proc/net/dev | cut -d: -f1; tail -n +2 /proc/net/route
        grep -v " lo$" /proc/net/if_inet6; true`);
      expect(ran.stdout.trim()).toBe('lo');
    });

    itIsCut('has nobody listening', async () => {
      const ran = await bench.sh(
        'tail -q -n +2 /proc/net/tcp /proc/net/tcp6 /proc/net/udp 2>/dev/null | wc -l',
      );
      expect(ran.stdout.trim()).toBe('0');
    });
  });

  describe('privileges', () => {
    const itIsUnprivileged = bench.itWith('privileges');

    itIsUnprivileged(
      'are none: no user that counts, no capability, none to gain, a filter on system calls',
      async () => {
        const ran = await bench.sh(`id -u; id -G; cat /proc/self/status`);
        const [uid, groups] = ran.stdout.split('\n');
        expect(Number(uid)).toBeGreaterThan(0);
        expect(groups?.split(' ')).not.toContain('0');
        const status = new Map(
          ran.stdout.split('\n').map((line) => line.split(/:\s*/, 2) as [string, string]),
        );
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
          expect([set, status.get(set)]).toEqual([set, '0000000000000000']);
        }
        expect(status.get('NoNewPrivs') ?? '1').toBe('1');
        expect(status.get('Seccomp') ?? '2').toBe('2');
      },
    );

    itIsUnprivileged('can not be had from a setuid program', async () => {
      const ran = await bench.sh(
        'cp "$(command -v id)" i; chmod 6755 i; ./i -u; ./i -u | grep -qx 0 && echo root',
      );
      expect(ran.stdout).not.toContain('root');
    });

    itIsUnprivileged('are missing for devices, mounts, namespaces and other owners', async () => {
      const ran = await bench.sh(`try() { "$@" 2>/dev/null && echo "could $*"; }
        try mknod disk b 8 0; try mount -t tmpfs none /tmp; try unshare -U true; try unshare -n true
        try chown 0 . ; try chroot / true; try hostname owned; true`);
      expect(ran.stdout).toBe('');
    });

    itIsUnprivileged('do not reach into sandbox-init', async () => {
      const ran = await bench.sh(`for f in environ maps mem fd/0 fd/1 root/etc/passwd cwd; do
        (head -c 1 "/proc/1/$f" > /dev/null) 2>/dev/null && echo "read $f"; done; ls /proc/1/fd 2>/dev/null; true`);
      expect(ran.stdout).toBe('');
    });
  });
}
