import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SandboxError } from '../sandbox-error.js';
import { cgroupCounters } from './cgroup-counters.js';

const PID = 4242;
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fumehood-cgroup-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A host made of files: what /proc says, and what is in the cgroup folders. Paths are relative. */
function host(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

const mount = (point: string, type: string, options: string, from = '/') =>
  `32 31 0:29 ${from} ${join(root, point)} rw,relatime shared:9 - ${type} ${type} ${options}\n`;

const read = (pathContains = 'c0ffee') => cgroupCounters(PID, { pathContains, procPath: join(root, 'proc') });

const V2 = {
  [`proc/${PID}/cgroup`]: '0::/system.slice/docker-c0ffee.scope\n',
  'fs/system.slice/docker-c0ffee.scope/cpu.stat':
    'usage_usec 1500250\nuser_usec 1000000\nsystem_usec 500250\nnr_periods 9\nnr_throttled 3\nthrottled_usec 250000\n',
  'fs/system.slice/docker-c0ffee.scope/memory.peak': '1048576\n',
  'fs/system.slice/docker-c0ffee.scope/memory.events': 'low 0\nhigh 0\nmax 4\noom 2\noom_kill 1\n',
  'fs/system.slice/docker-c0ffee.scope/pids.peak': '17\n',
  'fs/system.slice/docker-c0ffee.scope/pids.events': 'max 5\n',
};
const v2Host = (changes: Readonly<Record<string, string>> = {}) =>
  host({ ...V2, 'proc/self/mountinfo': mount('fs', 'cgroup2', 'rw'), ...changes });

const ALL = {
  cpuTimeMs: 1500.25,
  cpuUserMs: 1000,
  cpuSystemMs: 500.25,
  memoryPeakBytes: 1_048_576,
  oomKills: 1,
  pidsPeak: 17,
  pidsRefusals: 5,
  throttledMs: 250,
  throttledPeriods: 3,
};

const v1Files = (folder: string, extra: Readonly<Record<string, string>> = {}) => ({
  [`v1/memory${folder}/memory.max_usage_in_bytes`]: '1048576\n',
  [`v1/memory${folder}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  [`v1/pids${folder}/pids.events`]: 'max 5\n',
  [`v1/pids${folder}/pids.peak`]: '17\n',
  [`v1/cpu${folder}/cpu.stat`]: 'nr_periods 9\nnr_throttled 3\nthrottled_time 250000000\n',
  [`v1/cpuacct${folder}/cpuacct.usage`]: '1500250000\n',
  [`v1/cpuacct${folder}/cpuacct.stat`]: 'user 100\nsystem 50\n',
  ...extra,
});
const v1Mounts = (from = '/') =>
  ['memory', 'pids', 'cpu', 'cpuacct']
    .map((name) => mount(`v1/${name}`, 'cgroup', `rw,${name}`, from))
    .join('');
const V1_PATHS =
  '4:memory:/docker/c0ffee\n3:pids:/docker/c0ffee\n2:cpuacct:/docker/c0ffee\n1:cpu:/docker/c0ffee\n';

describe('the counters of a cgroup', () => {
  it('are read from version 2', () => {
    v2Host();
    expect(read()()).toEqual(ALL);
  });

  it('are null where a kernel of version 2 has none', () => {
    v2Host({ 'fs/system.slice/docker-c0ffee.scope/cpu.stat': 'usage_usec 10\nuser_usec 7\nsystem_usec 3\n' });
    for (const name of ['memory.peak', 'pids.peak']) {
      rmSync(join(root, 'fs/system.slice/docker-c0ffee.scope', name));
    }
    expect(read()()).toEqual({
      ...ALL,
      cpuTimeMs: 0.01,
      cpuUserMs: 0.007,
      cpuSystemMs: 0.003,
      memoryPeakBytes: null,
      pidsPeak: null,
      throttledMs: null,
      throttledPeriods: null,
    });
  });

  it('are read from version 1, where each controller has a folder', () => {
    host({
      ...v1Files('/docker/c0ffee', {
        'v1/cpuacct/docker/c0ffee/cpuacct.usage_user': '1000000000\n',
        'v1/cpuacct/docker/c0ffee/cpuacct.usage_sys': '500250000\n',
      }),
      'proc/self/mountinfo': v1Mounts(),
      [`proc/${PID}/cgroup`]: V1_PATHS,
    });
    expect(read()()).toEqual(ALL);
  });

  it('are read from version 1 in ticks, where the kernel counts no finer', () => {
    host({
      ...v1Files('/docker/c0ffee'),
      'proc/self/mountinfo': v1Mounts(),
      [`proc/${PID}/cgroup`]: V1_PATHS,
    });
    expect(read()()).toEqual({ ...ALL, cpuSystemMs: 500 });
  });

  it('are read from mounts that show a part of the tree, as in a container of the worker', () => {
    host({
      ...v1Files('/c0ffee'),
      'proc/self/mountinfo': v1Mounts('/docker'),
      [`proc/${PID}/cgroup`]: V1_PATHS,
    });
    expect(read()().memoryPeakBytes).toBe(ALL.memoryPeakBytes);
  });

  it('are put together on a hybrid host, each controller from where it is', () => {
    v2Host({
      ...v1Files('/docker/c0ffee'),
      'proc/self/mountinfo':
        mount('v1/cpu', 'cgroup', 'rw,cpu,cpuacct') +
        mount('v1/systemd', 'cgroup', 'rw,name=systemd') +
        mount('fs', 'cgroup2', 'rw'),
      [`proc/${PID}/cgroup`]:
        '2:name=systemd:/docker/c0ffee\n1:cpu,cpuacct:/docker/c0ffee\n0::/system.slice/docker-c0ffee.scope\n',
      'v1/cpu/docker/c0ffee/cpuacct.usage': '2000000\n',
      'v1/cpu/docker/c0ffee/cpuacct.stat': 'user 0\nsystem 0\n',
    });
    expect(read()()).toEqual({ ...ALL, cpuTimeMs: 2, cpuUserMs: 0, cpuSystemMs: 0 });
  });

  it('are read anew each time', () => {
    v2Host();
    const counters = read();
    counters();
    host({ 'fs/system.slice/docker-c0ffee.scope/pids.events': 'max 6\n' });
    expect(counters().pidsRefusals).toBe(6);
  });

  it('survive mount points with blanks in their names', () => {
    v2Host({ 'proc/self/mountinfo': mount('fs', 'cgroup2', 'rw').replace('/fs ', '/my\\040fs ') });
    host(
      Object.fromEntries(Object.entries(V2).map(([path, text]) => [path.replace(/^fs\//, 'my fs/'), text])),
    );
    expect(read()()).toEqual(ALL);
  });
});

describe('counters that can not be read', () => {
  const refusal = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error instanceof SandboxError ? `${error.code}: ${error.message}` : String(error);
    }
    return 'nothing was thrown';
  };

  it('are said to be gone when the cgroup vanished meanwhile', () => {
    v2Host();
    const counters = read();
    rmSync(join(root, 'fs'), { recursive: true });
    expect(refusal(counters)).toMatch(/^counters_unreadable: .*gone/);
  });

  it('are said to be gone when it had vanished before', () => {
    v2Host();
    rmSync(join(root, 'fs'), { recursive: true });
    expect(refusal(read)).toMatch(/^counters_unreadable: .*gone/);
  });

  it('are not those of another process that got the same number', () => {
    v2Host();
    expect(refusal(() => read('another'))).toMatch(/^counters_unreadable: .*has ended/);
  });

  it('name the process that is not there', () => {
    v2Host();
    rmSync(join(root, 'proc', String(PID)), { recursive: true });
    expect(refusal(read)).toMatch(/^counters_unreadable: .*4242\/cgroup/);
  });

  it('tell a worker in a container of its own what it lacks', () => {
    v2Host({ [`proc/${PID}/cgroup`]: '0::/../docker-c0ffee.scope\n' });
    expect(refusal(read)).toMatch(/^counters_unreadable: .*on the host/);
  });

  it('are never without CPU time', () => {
    v2Host({ 'fs/system.slice/docker-c0ffee.scope/cpu.stat': 'nonsense\n' });
    expect(refusal(() => read()())).toMatch(/^counters_unreadable: .*CPU time/);
  });
});

describe('the counters of this process', () => {
  it('are read from the cgroups that this host really has', () => {
    const counters = cgroupCounters(process.pid)();
    expect(counters.cpuTimeMs).toBeGreaterThan(0);
    for (const value of Object.values(counters)) expect(value === null || value >= 0).toBe(true);
  });
});
