import type { Profile } from '@fumehood/schema';
import type { ContainerEngine } from './container-engine.js';
import { ContainerSandbox } from './container-sandbox.js';
import type { SandboxDriver } from './driver.js';
import { SandboxError } from './sandbox-error.js';
import { ControlStream } from './session/control-stream.js';
import { handshake } from './session/handshake.js';

export interface DriverOptions {
  /** How long a sandbox may take to start, from the engine's first step until sandbox-init is ready, in milliseconds. */
  readonly startTimeoutMs?: number;
}

const START_TIMEOUT_MS = 30_000;

/** A driver over an engine: all that is the same for every technology is here. Disposing it destroys its sandboxes, then the engine. */
export function createDriver(engine: ContainerEngine, options: DriverOptions = {}): SandboxDriver {
  const { startTimeoutMs = START_TIMEOUT_MS } = options;
  const live = new Set<ContainerSandbox>();

  const start = async (profile: Profile, signal: AbortSignal): Promise<ContainerSandbox> => {
    const container = await engine.create(profile, signal);
    const control = new ControlStream(container.stream);
    const sandbox = new ContainerSandbox({ container, control, profile }, () => live.delete(sandbox));
    live.add(sandbox);
    try {
      await untilAborted(signal, handshake(control));
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  };

  return {
    name: engine.name,
    acquire: (profile, signal) => withStartTimeout(signal, startTimeoutMs, (both) => start(profile, both)),
    reap: () => engine.reap(),
    async [Symbol.asyncDispose]() {
      await Promise.all([...live].map((sandbox) => sandbox[Symbol.asyncDispose]()));
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** Gives work a signal that aborts with the outer one, or with SandboxError `start_timeout` when the time is up. */
async function withStartTimeout<T>(
  outer: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(outer.reason);
  const onTimeout = () => {
    const message = `The sandbox was not ready after ${timeoutMs} ms`;
    controller.abort(new SandboxError('start_timeout', message));
  };
  outer.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(onTimeout, timeoutMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}

function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}
