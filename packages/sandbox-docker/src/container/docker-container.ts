import type { Duplex } from 'node:stream';
import {
  type ByteStream,
  type Container,
  type Counters,
  type CountersReader,
  DESTROY_TIMEOUT_MS,
  SandboxError,
} from '@fumehood/sandbox';
import type { Isolation } from '@fumehood/schema';
import type { DockerApi } from '../api/docker-api.js';
import { removeContainer } from './remove-container.js';

/** Of DESTROY_TIMEOUT_MS, so that the bound holds with what is around the calls. */
const REMOVE_LIMIT_MS = DESTROY_TIMEOUT_MS - 1_000;

/** A running container and all that is needed to end it. */
export interface ContainerParts {
  readonly api: DockerApi;
  readonly name: string;
  readonly isolation: Isolation;
  readonly socket: Duplex;
  readonly stream: ByteStream;
  readonly readCounters: CountersReader;
  /** Called once it is gone, or given up on: then with the reason. */
  onDestroyed(error?: unknown): void;
}

export class DockerContainer implements Container {
  readonly id: string;
  readonly isolation: Isolation;
  readonly stream: ByteStream;
  readonly #parts: ContainerParts;
  #latest: Counters | undefined;
  #destroyed: Promise<void> | undefined;

  constructor(parts: ContainerParts) {
    this.id = parts.name;
    this.isolation = parts.isolation;
    this.stream = parts.stream;
    this.#parts = parts;
  }

  async counters(): Promise<Counters> {
    try {
      this.#latest = this.#parts.readCounters();
      return this.#latest;
    } catch (error) {
      if (this.#latest === undefined || !(await this.#diedOfMemory())) throw error;
      // The kernel found nothing else to kill but PID 1, and its cgroup went with it. The engine has seen why.
      return { ...this.#latest, oomKills: Math.max(1, this.#latest.oomKills ?? 0) };
    }
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy();
    return this.#destroyed;
  }

  async #destroy(): Promise<void> {
    const { api, name, socket, onDestroyed } = this.#parts;
    let failure: unknown;
    // First: the engine does not take a container for ended while output waits for a reader that does not read.
    socket.destroy();
    try {
      await removeContainer(api, name, REMOVE_LIMIT_MS);
    } catch (error) {
      failure = error;
    }
    onDestroyed(failure);
  }

  async #diedOfMemory(): Promise<boolean> {
    try {
      return (await this.#parts.api.inspect(this.#parts.name)).State.OOMKilled;
    } catch (error) {
      if (error instanceof SandboxError) return false;
      throw error;
    }
  }
}
