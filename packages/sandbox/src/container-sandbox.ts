import type { Command, Isolation } from '@fumehood/schema';
import { DESTROY_TIMEOUT_MS } from './container-engine.js';
import type { RunIo, RunResult, Sandbox } from './driver.js';
import { runSession, type Session } from './session/run-session.js';
import { withTimeLimit } from './session/time-limit.js';

/** A sandbox over a container: used once, and destroyed once. */
export class ContainerSandbox implements Sandbox {
  readonly id: string;
  readonly isolation: Isolation;
  readonly #session: Session;
  readonly #onDisposed: () => void;
  readonly #disposing = new AbortController();
  #used = false;
  #disposed: Promise<void> | undefined;

  constructor(session: Session, onDisposed: () => void) {
    this.id = session.container.id;
    this.isolation = session.container.isolation;
    this.#session = session;
    this.#onDisposed = onDisposed;
  }

  async run(command: Command, io: RunIo): Promise<RunResult> {
    if (this.#used || this.#disposed !== undefined) throw new TypeError('a sandbox runs one command, once');
    this.#used = true;
    const signal = AbortSignal.any([io.signal, this.#disposing.signal]);
    return await runSession(this.#session, command, io, signal);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    this.#disposing.abort();
    // An engine is to keep this bound itself; a sandbox's end must not hang on whether it does.
    await withTimeLimit(
      DESTROY_TIMEOUT_MS,
      this.#session.container.destroy(),
      () => new Error('too late'),
    ).catch(() => undefined);
    this.#onDisposed();
  }
}
