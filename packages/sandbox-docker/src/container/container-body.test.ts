import { hardeningOf, INIT_MOUNT_PATH } from '@fumehood/sandbox';
import type { Profile } from '@fumehood/schema';
import { describe, expect, it } from 'vitest';
import { type ContainerPlan, containerBody } from './container-body.js';

const profile: Profile = {
  runtime: 'python',
  imageDigest: `sha256:${'a'.repeat(64)}`,
  isolation: 'container',
  network: 'none',
  limits: {
    cpus: 1.5,
    memoryBytes: 100_000_000,
    pids: 10,
    workspaceBytes: 1_000_000,
    workspaceInodes: 100,
    openFiles: 50,
    fileSizeBytes: 1_000,
  },
};
const plan: ContainerPlan = {
  image: {
    digest: profile.imageDigest,
    tags: [],
    architecture: 'amd64',
    sizeBytes: 0,
    createdAt: '',
    labels: {},
    envNames: ['LD_PRELOAD', 'PATH'],
    volumes: ['/data', '/tmp', '/workspace'],
  },
  hardening: hardeningOf(profile),
  runtime: 'runc',
  seccomp: '{}',
  initPath: '/opt/sandbox-init',
  files: { '/etc/hosts': '/tmp/x/hosts' },
  labels: { 'fumehood.sandbox': '1' },
  cgroupVersion: 1,
};

describe('the request for a container', () => {
  const body = containerBody(plan);

  it('names the image by digest alone', () => {
    expect(body.Image).toBe(profile.imageDigest);
  });

  it('overrules all that an image can say', () => {
    expect(body).toMatchObject({
      User: '10001:10001',
      Entrypoint: [INIT_MOUNT_PATH],
      Cmd: [],
      WorkingDir: '/',
      Healthcheck: { Test: ['NONE'] },
      Env: ['PATH', 'HOSTNAME', 'container', 'LD_PRELOAD'],
    });
  });

  it('puts a closed mount where an image wants a volume, but for the folders of the job', () => {
    const tmpfs = body.HostConfig.Mounts.filter(({ Type }) => Type === 'tmpfs');
    expect(tmpfs.map(({ Target, ReadOnly }) => [Target, ReadOnly])).toEqual([['/data', true]]);
    expect(Object.keys(body.HostConfig.Tmpfs)).toEqual(['/workspace', '/tmp', '/dev/shm']);
  });

  it('mounts nothing of the host that can be written to', () => {
    const binds = body.HostConfig.Mounts.filter(({ Type }) => Type === 'bind');
    expect(binds).toHaveLength(2);
    for (const { ReadOnly } of binds) expect(ReadOnly).toBe(true);
  });

  it('leaves no room for swap, nor for the daemon’s defaults', () => {
    expect(body.HostConfig).toMatchObject({
      Memory: 100_000_000,
      MemorySwap: 100_000_000,
      MemorySwappiness: 0,
      PidsLimit: 10,
      CpuPeriod: 100_000,
      CpuQuota: 150_000,
      Privileged: false,
      CapDrop: ['ALL'],
      NetworkMode: 'none',
      CgroupnsMode: 'private',
      LogConfig: { Type: 'none' },
      SecurityOpt: ['no-new-privileges', 'seccomp={}'],
    });
    expect(containerBody({ ...plan, cgroupVersion: 2 }).HostConfig).not.toHaveProperty('MemorySwappiness');
  });
});
