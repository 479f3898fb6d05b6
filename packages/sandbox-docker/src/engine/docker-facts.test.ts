import { SandboxError } from '@fumehood/sandbox';
import { describe, expect, it } from 'vitest';
import { InfoAnswer, VersionAnswer } from '../api/answers.js';
import { chooseRuntime, RUNTIME_NAMES, runtimeVersion } from './choose-runtime.js';
import { type DockerFacts, dockerFacts, factsOf } from './docker-facts.js';
import { engineFindings } from './engine-findings.js';
import { requireSoundEngine } from './requirements.js';

const sound = factsOf(
  VersionAnswer.parse({
    Version: '28.2.2',
    ApiVersion: '1.50',
    Arch: 'amd64',
    Components: [
      { Name: 'Engine', Version: '28.2.2' },
      { Name: 'runc', Version: '1.2.6' },
    ],
  }),
  InfoAnswer.parse({
    CgroupVersion: '2',
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    Runtimes: { runc: { path: 'runc' }, 'io.containerd.runc.v2': { path: 'runc' } },
    DefaultRuntime: 'runc',
    MemoryLimit: true,
    SwapLimit: true,
    PidsLimit: true,
    CpuCfsQuota: true,
  }),
);
const checks = (facts: DockerFacts) =>
  engineFindings(facts).map(({ check, severity }) => `${severity} ${check}`);

describe('the facts of an engine', () => {
  it('are those of the daemon on this host', async () => {
    const facts = await dockerFacts();
    expect(facts).toMatchObject({ seccomp: true, limits: { memory: true, pids: true, cpu: true } });
    expect(facts.cpus).toBeGreaterThan(0);
    expect(facts.runtimes).toHaveProperty(facts.defaultRuntime);
    expect(requireSoundEngine(facts)).toBe(facts.architecture);
  });

  it('are read from what it says, and from what it leaves out', () => {
    expect(sound).toMatchObject({ product: 'docker', cgroupVersion: 2, apparmor: true, selinux: false });
    expect(
      factsOf(VersionAnswer.parse({ Components: [{ Name: 'Podman Engine' }] }), InfoAnswer.parse({})),
    ).toMatchObject({
      product: 'podman',
      architecture: null,
      cgroupVersion: 1,
      runtimes: {},
    });
  });

  it('are not had where there is no engine', async () => {
    await expect(dockerFacts({ socketPath: '/nowhere/docker.sock' })).rejects.toMatchObject({
      code: 'engine_unavailable',
    });
  });
});

describe('what speaks against an engine', () => {
  it('is nothing when it has all that is needed', () => {
    expect(engineFindings(sound)).toEqual([]);
  });

  it.each([
    ['error version', { version: '20.10.9' }],
    ['error version', { version: '19.03.15+dfsg1' }],
    ['error architecture', { architecture: null }],
    ['error seccomp', { seccomp: false }],
    ['error memory limit', { limits: { ...sound.limits, memory: false } }],
    ['error pids limit', { limits: { ...sound.limits, pids: false } }],
    ['error CPU limit', { limits: { ...sound.limits, cpu: false } }],
    ['warning swap limit', { limits: { ...sound.limits, swap: false } }],
    ['warning rootless', { rootless: true }],
    ['warning podman', { product: 'podman' }],
    ['warning SELinux', { selinux: true }],
  ] as const)('is told: %s', (finding, change) => {
    expect(checks({ ...sound, ...change })).toEqual([finding]);
  });

  it.each(['20.10.10', '20.10.24+dfsg1', '24.0.7-1', '29.0.0', 'dev'])('is not its version %s', (version) => {
    expect(checks({ ...sound, version })).toEqual([]);
  });

  it('keeps a driver from being made, with every reason', () => {
    const facts = { ...sound, seccomp: false, limits: { ...sound.limits, pids: false } };
    expect(() => requireSoundEngine(facts)).toThrow(SandboxError);
    expect(() => requireSoundEngine(facts)).toThrow(/seccomp.*processes/);
  });
});

describe('the runtime of a tier', () => {
  const crun = { ...sound, runtimes: { crun: '/usr/bin/crun', runc: 'runc' }, defaultRuntime: 'crun' };

  it('is the engine’s default when that is of the tier', () => {
    expect(chooseRuntime('container', sound, RUNTIME_NAMES)).toBe('runc');
    expect(chooseRuntime('container', crun, RUNTIME_NAMES)).toBe('crun');
  });

  it('is not the default when that is of another tier', () => {
    const facts = { ...sound, runtimes: { runsc: '/usr/bin/runsc', runc: 'runc' }, defaultRuntime: 'runsc' };
    expect(chooseRuntime('container', facts, RUNTIME_NAMES)).toBe('runc');
    expect(chooseRuntime('gvisor', facts, RUNTIME_NAMES)).toBe('runsc');
  });

  it('is never another tier’s', () => {
    expect(() => chooseRuntime('gvisor', sound, RUNTIME_NAMES)).toThrow(/runsc.*daemon\.json/);
    const onlyGvisor = { ...sound, runtimes: { runsc: '' }, defaultRuntime: 'runsc' };
    expect(() => chooseRuntime('container', onlyGvisor, RUNTIME_NAMES)).toThrow(SandboxError);
  });

  it('is told with its version: the engine’s word, or the binary’s, or none', async () => {
    expect(await runtimeVersion('runc', sound)).toBe('runc 1.2.6');
    expect(await runtimeVersion('node', { ...sound, runtimes: { node: process.execPath } })).toBe('node');
    expect(await runtimeVersion('absent', { ...sound, runtimes: { absent: '/nowhere/absent' } })).toBe(
      'absent',
    );
  });
});
