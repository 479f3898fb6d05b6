import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { JobRequestInput, Outcome, Result } from '@fumehood/schema';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestFleet, type TestFleet } from './support/fleet.js';
import { hostState, leftovers } from './support/host.js';

/** Hostile jobs through the whole fleet. The numbers are those of docs/security/cases.md. */

let fleet: TestFleet;
let canary: Server;
let canaryPort: number;
let canaryHits = 0;
const before = hostState();

beforeAll(async () => {
  fleet = await startTestFleet();
  // A service of the host's own: what a job must not be able to reach.
  canary = createServer(() => canaryHits++);
  await new Promise<void>((resolve) => canary.listen(0, '0.0.0.0', resolve));
  const address = canary.address();
  canaryPort = address !== null && typeof address === 'object' ? address.port : 0;
});

afterEach(async () => {
  const next = await run({ runtime: 'bash', code: 'echo alive' });
  expect(next.stdout.head).toBe('alive\n');
});

afterAll(async () => {
  canary.close();
  await fleet[Symbol.asyncDispose]();
  expect(await leftovers(before)).toEqual({});
});

const run = (request: JobRequestInput): Promise<Result> => fleet.client.run(request);
const bash = (code: string, more: Partial<JobRequestInput> = {}) => run({ runtime: 'bash', code, ...more });
const python = (code: string, more: Partial<JobRequestInput> = {}) =>
  run({ runtime: 'python', code, ...more });
const wallTime = { type: 'limit_exceeded', limit: 'wall_time' } satisfies Outcome;

describe('resources', () => {
  it('1: a fork bomb is refused more processes, and its siblings do not notice', async () => {
    const result = await bash('f() { f | f & }; f; sleep 30', { limits: { wallTimeMs: 2_000, pids: 64 } });
    expect(result.outcome.type === 'exited' || result.outcome.type === 'limit_exceeded').toBe(true);
    expect(result.evidence?.usage.pidsRefusals ?? 1).toBeGreaterThan(0);
    expect(result.evidence?.usage.pidsPeak ?? 64).toBeLessThanOrEqual(64);
  });

  it('2: a thread bomb is refused more threads', async () => {
    const code = `import threading, time
n = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start(); n += 1
except RuntimeError: print("refused after", n)`;
    const result = await python(code, { limits: { pids: 64 } });
    expect(result.stdout.head).toMatch(/^refused after \d+\n$/);
  });

  it('3: touching more than the memory limit ends the job by the cgroup counter', async () => {
    const result = await python('b = bytearray(400 * 1024 * 1024)', {
      limits: { memoryBytes: 128 * 1024 ** 2 },
    });
    expect(result.outcome).toEqual({ type: 'limit_exceeded', limit: 'memory' });
    expect(result.evidence?.usage.oomKills).toBeGreaterThan(0);
  });

  it('4: filling /tmp, /workspace and /dev/shm fails inside or is the memory limit', async () => {
    const result = await bash(
      'for d in /tmp /workspace /dev/shm; do dd if=/dev/zero of=$d/fill bs=1M 2>&1 | grep -o "No space left on device"; done; true',
      { limits: { workspaceBytes: 16 * 1024 ** 2 } },
    );
    expect(result.stdout.head.match(/No space left/g)?.length).toBe(3);
  });

  it('7: a program that ignores SIGTERM and stops itself is gone at its deadline', async () => {
    const began = performance.now();
    const result = await bash("trap '' TERM INT HUP; kill -STOP $$; sleep 60", {
      limits: { wallTimeMs: 1_000 },
    });
    expect(result.outcome).toEqual(wallTime);
    expect(result.timings.phasesMs.run).toBeLessThan(2_000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('8: a child that was forked twice and holds stdout does not hold the job', async () => {
    const result = await bash('(setsid sleep 60 & ) & echo main', { limits: { wallTimeMs: 20_000 } });
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 0 });
    expect(result.timings.phasesMs.run).toBeLessThan(5_000);
  });

  it('10: opening descriptors for ever fails with EMFILE inside', async () => {
    const code = `import os, errno
n = 0
try:
    while True: os.dup(1); n += 1
except OSError as e: print(errno.errorcode[e.errno])`;
    expect((await python(code)).stdout.head).toBe('EMFILE\n');
  });

  it('11: endless output is cut at the cap and ends the job', async () => {
    const result = await bash('yes', { limits: { outputBytes: 1024 ** 2 } });
    expect(result.outcome).toEqual({ type: 'limit_exceeded', limit: 'output' });
    expect(result.stdout.totalBytes).toBe(1024 ** 2);
  });

  it('13: a million empty files end in ENOSPC inside', async () => {
    const result = await bash('for i in $(seq 1 100000); do : > f$i || exit 9; done', {
      limits: { workspaceInodes: 1_000 },
    });
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 9 });
    expect(result.stderr.head).toContain('No space left on device');
  });

  it('14: a crash is reported as its signal', async () => {
    const result = await python('import ctypes; ctypes.string_at(0)');
    expect(result.outcome).toEqual({ type: 'signalled', signal: 'SIGSEGV' });
  });

  it('an endless loop ends at its CPU time when that comes first', async () => {
    const result = await bash('while :; do :; done', { limits: { cpuTimeMs: 700, wallTimeMs: 20_000 } });
    expect(result.outcome).toEqual({ type: 'limit_exceeded', limit: 'cpu_time' });
  });
});

describe('the file system', () => {
  it('16: rm -rf / hurts nobody', async () => {
    await bash('rm -rf / --no-preserve-root 2>/dev/null; true');
    expect((await bash('ls /usr/bin | wc -l')).stdout.head.trim()).not.toBe('0');
  });

  it('17: the root file system takes no write', async () => {
    const result = await bash(
      'for d in / /etc /usr /var /root /opt /.fumehood; do touch $d/x 2>/dev/null && echo "wrote $d"; done; true',
    );
    expect(result.stdout.head).toBe('');
  });

  it('18, 19: set-uid does not raise, devices can not be made', async () => {
    const result = await python(`import os
os.mkfifo("ok")
for what in (lambda: os.setuid(0), lambda: os.mknod("dev", 0o60600, os.makedev(8, 0)), lambda: os.open("/dev/mem", 0), lambda: os.chroot(".")):
    try: what(); print("allowed")
    except OSError as e: print(type(e).__name__)
print(os.getuid(), [l for l in open("/proc/self/status") if l.startswith(("CapEff", "NoNewPrivs", "Seccomp:"))])`);
    expect(result.stdout.head).not.toContain('allowed');
    expect(result.stdout.head).toContain(
      "10001 ['CapEff:\\t0000000000000000\\n', 'NoNewPrivs:\\t1\\n', 'Seccomp:\\t2\\n']",
    );
  });

  it('21, 23: artifacts that are links, FIFOs or directories are named as skipped, not read', async () => {
    const code = 'ln -s /etc/passwd link; mkfifo pipe; mkdir dir; echo fine > fine; ln fine hard';
    const result = await bash(code, { artifacts: ['*'] });
    expect(result.artifacts.map(({ path }) => path)).toEqual(['main.sh']);
    expect(result.skippedArtifacts.map(({ path, reason }) => `${path} ${reason}`).sort()).toEqual([
      'fine link',
      'hard link',
      'link link',
      'pipe not_regular',
    ]);
  });

  it.each(['../x', '/etc/x', 'a/../../x', 'a//b', '.fumehood/x', 'x\n', 'x\u202ey'])(
    '24: the file name %j is refused before anything runs',
    async (path) => {
      await expect(bash('true', { files: [{ path, content: '' }] })).rejects.toMatchObject({ status: 400 });
    },
  );

  it('28: nothing of an earlier job is there for the next', async () => {
    const ghost =
      'for d in /tmp /workspace /dev/shm /var/tmp /run; do echo ghost > $d/ghost 2>/dev/null; done; export GHOST=1; (sleep 100 &) ; true';
    await bash(ghost, { env: { GHOST: 'yes' } });
    const seen = await bash(
      'find / -name ghost 2>/dev/null; env | grep GHOST; ps -e 2>/dev/null | grep -c sleep; ls -A /tmp /workspace',
    );
    expect(seen.stdout.head).not.toContain('ghost');
    expect(seen.stdout.head).not.toContain('GHOST');
  });
});

describe('the network', () => {
  it('29: there is loopback and nothing else', async () => {
    const result = await bash(
      'ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1; cat /proc/net/route | tail -n +2',
    );
    expect(new Set(result.stdout.head.trim().split(/\s+/))).toEqual(new Set(['lo']));
  });

  it('30, 31: no address answers: metadata, gateway, host, Docker, Redis', async () => {
    const host = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => address.family === 'IPv4' && !address.internal);
    const targets = [
      ['169.254.169.254', 80],
      ['100.100.100.200', 80],
      ['172.17.0.1', 2375],
      ['127.0.0.1', 6379],
      ['127.0.0.1', canaryPort],
      ['8.8.8.8', 53],
      ...host.map((address) => [address.address, canaryPort]),
    ];
    const result = await python(`import socket, json
for host, port in json.loads('''${JSON.stringify(targets)}'''):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        s = socket.socket(socket.AF_INET, kind); s.settimeout(1)
        try:
            s.connect((host, port)); s.send(b"x")
            if kind == socket.SOCK_STREAM or not host.startswith("127."): print("reached", host, port)
        except OSError: pass
try: socket.getaddrinfo("example.com", 80); print("resolved")
except OSError as e: print("no names")
try: socket.create_connection(("fd00:ec2::254", 80), 1); print("reached v6")
except OSError: pass`);
    expect(result.stdout.head).toBe('no names\n');
    expect(canaryHits).toBe(0);
  });
});

describe('protocol and tenancy', () => {
  it('52: what looks like protocol frames is only output', async () => {
    const frames = '\\x87\\x00\\x00\\x00\\x00\\x00\\x00\\x1b\\x01\\x00\\x00';
    const result = await bash(`printf '${frames}%.0s' {1..500}; exit 4`);
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 4 });
    expect(result.stdout.totalBytes).toBe(11 * 500);
  });

  it('52: a job that aims at PID 1 reaches nothing', async () => {
    const result = await bash(
      'for s in $(seq 1 64); do kill -$s 1 2>/dev/null; done; ls -l /proc/1/fd /proc/1/exe 2>&1 | head -3; cat /proc/1/environ; echo end',
    );
    expect(result.outcome).toEqual({ type: 'exited', exitCode: 0 });
    expect(result.stdout.head).toContain('Permission denied');
    expect(result.stdout.head).toMatch(/end\n$/);
  });

  it('55: a program that ends at once gives all of its output, a hundred times', async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, async (_, lane) => {
        for (let i = 0; i < 25; i++) {
          const result = await bash(`printf %s ${lane}.${i}; exit ${i}`);
          expect([result.stdout.head, result.outcome]).toEqual([
            `${lane}.${i}`,
            { type: 'exited', exitCode: i },
          ]);
        }
      }),
    );
    expect(results).toHaveLength(4);
  }, 120_000);

  it('65: a secret in code, environment and input is in no log', async () => {
    const secret = `canary-${Math.random().toString(36).slice(2)}`;
    await bash(`echo ${secret}; exit 1`, {
      env: { TOKEN: secret },
      stdin: secret,
      args: [secret],
      files: [{ path: 'f', content: secret }],
    });
    expect(await fleet.logs()).not.toContain(secret);
    const metrics = await fetch(`${fleet.url}/metrics`, {
      headers: { authorization: `Bearer ${fleet.apiKey}` },
    });
    expect(await metrics.text()).not.toContain(secret);
  });

  it('51: a tier that this host lacks is refused, not weakened', async () => {
    await expect(bash('true', { isolation: 'gvisor' })).rejects.toMatchObject({ status: 422 });
  });
});
