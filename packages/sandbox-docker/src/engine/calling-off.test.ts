import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerEngine, SandboxError } from '@fumehood/sandbox';
import type { Profile } from '@fumehood/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DaemonProxy, daemonProxy } from '../testing/daemon-proxy.js';
import { BASE_IMAGE, ownContainers, profileOf, sandboxInit, temporaryFolder } from '../testing/fixtures.js';
import { dockerEngine } from './docker-engine.js';
import { DEFAULT_SOCKET_PATH } from './docker-facts.js';

const never = new AbortController().signal;

let folder: ReturnType<typeof temporaryFolder>;
let proxy: DaemonProxy;
let engine: ContainerEngine;
let profile: Profile;
let leftBehind: string[];

beforeEach(async () => {
  folder = temporaryFolder();
  proxy = await daemonProxy(folder.path, DEFAULT_SOCKET_PATH);
  leftBehind = [];
  engine = await dockerEngine({
    initPath: sandboxInit(),
    socketPath: proxy.socketPath,
    scratchDir: folder.path,
    startTimeoutMs: 1_500,
    onLeftBehind: (id) => leftBehind.push(id),
  });
  profile = await profileOf(BASE_IMAGE);
});
afterEach(async () => {
  await engine[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  expect(await ownContainers()).toEqual([]);
});

/** Waits until a request has come to the daemon. */
async function requested(pattern: RegExp): Promise<void> {
  while (!proxy.requests.some((line) => pattern.test(line))) await sleep(1);
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'resolved' as const,
    (error: unknown) => error,
  );

describe('calling off the making of a sandbox', () => {
  const PHASES = [
    ['while the image is looked for', /^GET \/images\//],
    ['while the container is created', /^POST \/containers\/create/],
    ['while it is attached to', /\/attach/],
    ['while it is started', /\/start/],
    ['while its process id is asked for', /^GET \/containers\/.*\/json/],
  ] as const;

  it.each(PHASES)('%s rejects with the reason and leaves nothing', async (_, request) => {
    const controller = new AbortController();
    const reason = new Error('called off');
    const making = outcome(engine.create(profile, controller.signal));
    await requested(request);
    controller.abort(reason);
    expect(await making).toBe(reason);
    expect(await ownContainers()).toEqual([]);
    expect(leftBehind).toEqual([]);
  });

  it.each(PHASES)('%s and hangs rejects with the reason and leaves nothing', async (_, request) => {
    proxy.hang(request);
    const controller = new AbortController();
    const reason = new Error('called off');
    const making = outcome(engine.create(profile, controller.signal));
    await requested(request);
    controller.abort(reason);
    expect(await making).toBe(reason);
    expect(await ownContainers()).toEqual([]);
  });

  it('is what closing the engine does, and closing waits for it', async () => {
    const making = outcome(engine.create(profile, never));
    await requested(/\/start/);
    await engine[Symbol.asyncDispose]();
    expect(await ownContainers()).toEqual([]);
    expect(await making).toMatchObject({ code: 'engine_unavailable', message: 'The driver was closed' });
  });

  it('at any moment leaves nothing', async () => {
    for (const delayMs of [0, 5, 15, 30, 60, 100, 150, 220]) {
      const made = outcome(engine.create(profile, AbortSignal.timeout(delayMs)).then((it) => it.destroy()));
      expect(['resolved', 'TimeoutError']).toContain(
        await made.then((end) => (end instanceof Error ? end.name : end)),
      );
      expect(await ownContainers()).toEqual([]);
    }
  });
});

describe('a daemon that does not answer', () => {
  it('while starting a container is given up on, and the container is removed', async () => {
    proxy.swallowAnswer(/\/start/);
    const error = await outcome(engine.create(profile, never));
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: 'start_timeout', began: false });
    expect(await ownContainers()).toEqual([]);
    expect(leftBehind).toEqual([]);
  });

  it('while removing a container ends its destruction in time, and what is left is told and reaped', async () => {
    const container = await engine.create(profile, never);
    proxy.hang(/^DELETE/);
    const began = performance.now();
    await container.destroy();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(leftBehind).toEqual([container.id]);

    // Another engine of a living process leaves it alone; the one that made it tries again.
    await using other = await dockerEngine({ initPath: sandboxInit() });
    expect(await other.reap()).not.toContain(container.id);
    proxy.relent();
    expect(await engine.reap()).toEqual([container.id]);
  });

  it('is told apart from one that is not there', async () => {
    const nowhere = dockerEngine({ initPath: sandboxInit(), socketPath: `${folder.path}/absent.sock` });
    await expect(nowhere).rejects.toMatchObject({ code: 'engine_unavailable' });
    await expect(nowhere).rejects.toThrow(/there is no such socket: start Docker/);
  });
});

describe('a sandbox whose daemon is cut off', () => {
  it('ends its stream and refuses what is written', async () => {
    const container = await engine.create(profile, never);
    proxy.cut();
    const end = await outcome(
      (async () => {
        for await (const _ of container.stream.readable);
      })(),
    );
    expect(end === 'resolved' || end instanceof SandboxError).toBe(true);
    await expect(container.stream.write(Buffer.alloc(10))).rejects.toMatchObject({ code: 'stream_ended' });
    await container.destroy();
  });
});
