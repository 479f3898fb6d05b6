import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ContainerEngine } from '@fumehood/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerApi } from '../api/docker-api.js';
import { dockerEngine } from '../engine/docker-engine.js';
import { DEFAULT_SOCKET_PATH } from '../engine/docker-facts.js';
import { BASE_IMAGE, ownContainers, profileOf, sandboxInit } from '../testing/fixtures.js';
import { type Lease, leaseLabels, leaseOf } from './labels.js';
import { isAbandoned } from './reap.js';

const NOW = new Date('2030-01-01T12:00:00.000Z');
const PAST = new Date('2030-01-01T11:59:59.000Z');
const FUTURE = new Date('2030-01-01T12:00:01.000Z');

describe('a container', () => {
  const reaper = { owner: 'me', engineId: 'this', isLive: (name: string) => name === 'used' };
  const abandoned = (lease: Partial<Lease>, state: 'alive' | 'dead' | 'unknown', name = 'x') =>
    isAbandoned(
      name,
      { owner: 'other', engineId: 'that', until: FUTURE, ...lease },
      reaper,
      NOW,
      () => state,
    );

  it.each([
    ['of a living worker is kept', {}, 'alive', false],
    ['of a living worker is kept even past its lease', { until: PAST }, 'alive', false],
    ['of a dead worker is reaped within its lease', {}, 'dead', true],
    ['of a worker that can not be seen is kept within its lease', {}, 'unknown', false],
    ['of a worker that can not be seen is reaped past its lease', { until: PAST }, 'unknown', true],
    ['of another engine in this process is kept', { owner: 'me' }, 'alive', false],
    ['of this engine that is not in use is reaped', { owner: 'me', engineId: 'this' }, 'alive', true],
  ] as const)('%s', (_, lease, state, expected) => {
    expect(abandoned(lease, state)).toBe(expected);
  });

  it('of this engine that is in use is kept', () => {
    expect(abandoned({ owner: 'me', engineId: 'this', until: PAST }, 'dead', 'used')).toBe(false);
  });

  it('bears its lease in its labels', () => {
    const lease = { owner: 'a:1:2:3', engineId: 'e', until: FUTURE };
    expect(leaseOf(leaseLabels(lease))).toEqual(lease);
  });

  it('with labels that make no sense has a lease that has run out', () => {
    expect(leaseOf({ 'fumehood.lease': 'tomorrow' }).until).toEqual(new Date(0));
    expect(leaseOf({}).until).toEqual(new Date(0));
  });
});

describe('reaping', () => {
  let engine: ContainerEngine;
  beforeAll(async () => {
    engine = await dockerEngine({ initPath: sandboxInit() });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    expect(await ownContainers()).toEqual([]);
  });

  /** A process of its own that makes a sandbox and holds it. */
  async function worker(): Promise<{ readonly process: ChildProcess; readonly sandboxId: string }> {
    const script = fileURLToPath(new URL('../testing/hold-sandbox.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions=fumehood-source', script, BASE_IMAGE],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(child.stdout, 'data');
    return { process: child, sandboxId: String(line).trim() };
  }
  const exists = async (name: string) =>
    dockerApi(DEFAULT_SOCKET_PATH)
      .inspect(name)
      .then(
        () => true,
        () => false,
      );

  it('takes what a killed worker left, and leaves what a living one has', async () => {
    const [killed, living] = await Promise.all([worker(), worker()]);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');

    const reaped = await engine.reap();
    expect(reaped).toContain(killed.sandboxId);
    expect(reaped).not.toContain(living.sandboxId);
    expect(await exists(killed.sandboxId)).toBe(false);
    expect(await exists(living.sandboxId)).toBe(true);

    living.process.kill('SIGKILL');
    await once(living.process, 'exit');
    expect(await engine.reap()).toContain(living.sandboxId);
  });

  it('leaves the sandboxes in use of the same engine and of another in the same process', async () => {
    await using other = await dockerEngine({ initPath: sandboxInit() });
    const profile = await profileOf(BASE_IMAGE);
    const signal = AbortSignal.timeout(15_000);
    const [one, two] = await Promise.all([engine.create(profile, signal), other.create(profile, signal)]);
    const reaped = [...(await engine.reap()), ...(await other.reap())];
    expect(reaped).not.toContain(one.id);
    expect(reaped).not.toContain(two.id);
    await one.destroy();
    await two.destroy();
  });

  it('is done by several at once without a failure', async () => {
    const { process: child, sandboxId } = await worker();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await using other = await dockerEngine({ initPath: sandboxInit() });
    await Promise.all([engine.reap(), other.reap()]);
    await expect.poll(() => exists(sandboxId)).toBe(false);
  });
});
