import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ByteStream, type CountersReader, cgroupCounters, SandboxError } from '@fumehood/sandbox';
import type { Isolation } from '@fumehood/schema';
import type { CreateBody } from '../api/create-body.js';
import type { DockerApi } from '../api/docker-api.js';
import { safeText } from '../api/safe-text.js';
import { containerStream } from './container-stream.js';
import { Diagnostic } from './diagnostic.js';
import { DockerContainer } from './docker-container.js';
import { checkPosture } from './posture.js';
import { removeContainer } from './remove-container.js';

const LAST_WORDS_MS = 200;

/** A container to be, and how long its start may take. */
export interface StartPlan {
  readonly api: DockerApi;
  readonly name: string;
  readonly body: CreateBody;
  readonly isolation: Isolation;
  readonly startTimeoutMs: number;
  /** What is left when a start fails is cleaned up within this time. */
  readonly cleanUpLimitMs: number;
  /** Called once the container is gone, or given up on: then with the reason. */
  onDestroyed(error?: unknown): void;
}

/** Creates a container and starts it. When that fails, or is called off, the container is removed before this rejects. */
export async function startContainer(plan: StartPlan, signal: AbortSignal): Promise<DockerContainer> {
  const { api, name } = plan;
  // Not called off with the signal: the engine would make the container nevertheless, after we had looked for it.
  const creating = api.create(name, plan.body);
  let socket: Duplex | undefined;
  try {
    await orAborted(creating, signal);
    // Before the start, so that not a byte is missed.
    socket = await api.attach(name, { signal });
    return await running(plan, socket, signal);
  } catch (error) {
    socket?.destroy();
    const failure = await cleanUp(plan, creating).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    plan.onDestroyed(failure);
    throw error;
  }
}

async function running(plan: StartPlan, socket: Duplex, signal: AbortSignal): Promise<DockerContainer> {
  const { api, name, isolation, startTimeoutMs } = plan;
  const diagnostic = new Diagnostic();
  const stream = containerStream(socket, diagnostic);
  await api.start(name, { timeoutMs: startTimeoutMs, timeoutCode: 'start_timeout', signal });
  const { Id, State } = await api.inspect(name, { signal });
  if (!State.Running || State.Pid === 0) {
    const why = safeText(State.Error) || `exit code ${State.ExitCode}`;
    const said = await lastWords(stream, diagnostic);
    throw new SandboxError('engine_failed', `The container ended as soon as it was started: ${why}${said}`);
  }
  // gVisor's first process is the kernel of the sandbox; it confines itself in its own way.
  if (isolation.tier === 'container') await checkPosture(State.Pid, startTimeoutMs);
  signal.throwIfAborted();
  return new DockerContainer({
    api,
    name,
    isolation,
    socket,
    stream,
    readCounters: countersOf(State.Pid, Id, plan.body.HostConfig.PidsLimit),
    onDestroyed: (error) => plan.onDestroyed(error),
  });
}

/** What init wrote to stderr before it ended, if that is here soon. */
async function lastWords(stream: ByteStream, diagnostic: Diagnostic): Promise<string> {
  const read = async () => {
    for await (const _ of stream.readable);
  };
  await Promise.race([read().catch(() => undefined), sleep(LAST_WORDS_MS)]);
  return diagnostic.text === '' ? '' : `; its init said: ${diagnostic.text}`;
}

/** Before the limit was in force the runtime itself ran in the cgroup, with more threads than the job may have. */
function countersOf(pid: number, containerId: string, pidsLimit: number): CountersReader {
  const read = cgroupCounters(pid, { pathContains: containerId });
  return () => {
    const counters = read();
    const { pidsPeak } = counters;
    return { ...counters, pidsPeak: pidsPeak === null ? null : Math.min(pidsPeak, pidsLimit) };
  };
}

async function cleanUp(plan: StartPlan, creating: Promise<void>): Promise<void> {
  const began = performance.now();
  const created = await Promise.race([
    creating.then(
      () => true,
      () => true,
    ),
    new Promise<false>((resolve) => setTimeout(resolve, plan.cleanUpLimitMs / 2, false).unref()),
  ]);
  if (!created) throw new SandboxError('engine_unavailable', `The engine is still creating ${plan.name}`);
  await removeContainer(plan.api, plan.name, plan.cleanUpLimitMs - (performance.now() - began));
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
