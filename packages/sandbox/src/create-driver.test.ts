import { describe, expect, it } from 'vitest';
import type { ContainerEngine } from './container-engine.js';
import { createDriver } from './create-driver.js';
import { runIn } from './testing/bench.js';
import { EXITED, SCRIPTED_PROFILE, STARTED, scriptedEngine } from './testing/run-scripted.js';
import {
  type ScriptedContainer,
  type ScriptedInit,
  scriptedContainer,
} from './testing/scripted-container.js';

const signal = new AbortController().signal;

/** Acquires from a driver whose only container has the given init. */
async function acquire(script: (init: ScriptedInit) => Promise<unknown>, startTimeoutMs = 1_000) {
  const container = scriptedContainer();
  void script(container.init);
  const driver = createDriver(scriptedEngine(container), { startTimeoutMs });
  const acquired = await driver.acquire(SCRIPTED_PROFILE, signal).catch((error: unknown) => error);
  return { container, driver, acquired };
}

describe('acquiring a sandbox', () => {
  it('gives one in which init is ready', async () => {
    const { acquired, container } = await acquire((init) => init.greet());
    expect(acquired).toMatchObject({ id: 'scripted', isolation: { tier: 'container' } });
    expect(container.destroyed).toBe(false);
  });

  it.each<[string, string, (init: ScriptedInit) => Promise<unknown>]>([
    ['says nothing', 'start_timeout', async () => undefined],
    ['greets and says no more', 'start_timeout', (init) => init.say({ type: 'hello', version: 1 })],
    ['speaks another version', 'protocol', (init) => init.say({ type: 'hello', version: 2 })],
    ['is ready before it was greeted', 'protocol', (init) => init.say({ type: 'ready' })],
    ['says something else', 'protocol', (init) => init.sayBytes(Buffer.from('exec /init: no such file\n'))],
    ['dies', 'stream_ended', async (init) => init.die()],
    [
      'has no workspace',
      'engine_failed',
      (init) => init.say({ type: 'error', fault: 'workspace', message: 'Read-only file system' }),
    ],
  ])('fails when init %s, as %s, and leaves nothing', async (_, code, script) => {
    const { acquired, container } = await acquire(script, 60);
    expect(acquired).toMatchObject({ name: 'SandboxError', code, began: false });
    expect(container.destroyed).toBe(true);
  });

  it('rejects with the reason of its signal, and leaves nothing', async () => {
    const container = scriptedContainer();
    const abort = new AbortController();
    const driver = createDriver(scriptedEngine(container));
    const acquired = driver.acquire(SCRIPTED_PROFILE, abort.signal);
    const reason = new Error('never mind');
    abort.abort(reason);
    await expect(acquired).rejects.toBe(reason);
    expect(container.destroyed).toBe(true);
    await expect(driver.acquire(SCRIPTED_PROFILE, abort.signal)).rejects.toBe(reason);
  });

  it('tells an engine whose start hangs to give up in time', async () => {
    const engine: ContainerEngine = {
      ...scriptedEngine(scriptedContainer()),
      create: (_, given) =>
        new Promise((_, reject) => given.addEventListener('abort', () => reject(given.reason))),
    };
    const acquired = createDriver(engine, { startTimeoutMs: 30 }).acquire(SCRIPTED_PROFILE, signal);
    await expect(acquired).rejects.toMatchObject({ code: 'start_timeout', began: false });
  });
});

describe('a sandbox', () => {
  const ready = async (): Promise<{
    container: ScriptedContainer;
    sandbox: import('./driver.js').Sandbox;
  }> => {
    const container = scriptedContainer();
    void container.init.greet();
    const sandbox = await createDriver(scriptedEngine(container)).acquire(SCRIPTED_PROFILE, signal);
    return { container, sandbox };
  };

  it('runs one command and no second', async () => {
    const { container, sandbox } = await ready();
    const ran = runIn(sandbox, {});
    await expect(runIn(sandbox, {})).rejects.toThrow(TypeError);
    await container.init.hearUntil('exec');
    await container.init.say(STARTED, EXITED);
    expect((await ran).outcome).toEqual({ type: 'exited', exitCode: 0 });
    await expect(runIn(sandbox, {})).rejects.toThrow(TypeError);
  });

  it('runs nothing after its disposal, which may come twice', async () => {
    const { container, sandbox } = await ready();
    await Promise.all([sandbox[Symbol.asyncDispose](), sandbox[Symbol.asyncDispose]()]);
    expect(container.destroyed).toBe(true);
    await expect(runIn(sandbox, {})).rejects.toThrow(TypeError);
  });

  it('cancels its job when it is disposed during the run', async () => {
    const { container, sandbox } = await ready();
    const ran = runIn(sandbox, {});
    await container.init.hearUntil('exec');
    await container.init.say(STARTED);
    await sandbox[Symbol.asyncDispose]();
    expect((await ran).outcome).toEqual({ type: 'canceled' });
  });

  it('is destroyed with its driver', async () => {
    const container = scriptedContainer();
    void container.init.greet();
    const driver = createDriver(scriptedEngine(container));
    await driver.acquire(SCRIPTED_PROFILE, signal);
    await driver[Symbol.asyncDispose]();
    expect(container.destroyed).toBe(true);
  });

  it('does not wait for ever for an engine that can not destroy', async () => {
    const { container, sandbox } = await ready();
    container.destroy = () => Promise.reject(new Error('the engine is gone'));
    await expect(sandbox[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
