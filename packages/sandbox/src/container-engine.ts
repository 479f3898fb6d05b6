import type { Isolation, Profile, Usage } from '@fumehood/schema';

/**
 * What a technology provides, and all that it provides: fresh limited containers whose PID 1 is sandbox-init, one duplex byte stream
 * to it, counters, destruction. `createDriver` makes a SandboxDriver of it; everything above (protocol, caps, timeouts) is written once there.
 */
export interface ContainerEngine extends AsyncDisposable {
  readonly name: string;
  /**
   * Resolves when the container runs. Rejects with SandboxError (`began` false), or with `signal.reason`; leaves nothing behind then. The
   * signal also aborts when starting takes too long, so an engine needs no timeout of its own.
   */
  create(profile: Profile, signal: AbortSignal): Promise<Container>;
  reap(): Promise<readonly string[]>;
}

export interface Container {
  readonly id: string;
  readonly isolation: Isolation;
  /** init's stdin and stdout. */
  readonly stream: ByteStream;
  /**
   * Counters of the container's cgroup, read on the host. Cheap: it is called several times a second. Rejects with SandboxError. Also called
   * right after the container has ended by itself: an engine that can still tell then whether the kernel killed for memory says so.
   */
  counters(): Promise<Counters>;
  /** Kills every process and removes all that belongs to the container. Idempotent; resolves within `DESTROY_TIMEOUT_MS`; never rejects. */
  destroy(): Promise<void>;
}

/** One duplex byte stream. Reading and writing exert back-pressure. */
export interface ByteStream {
  /** Chunks as they come; ends when the container has ended. May be iterated once. */
  readonly readable: AsyncIterable<Uint8Array>;
  /** Resolves when the chunk was taken. Rejects when the other end is gone. Chunks leave in the order of the calls, awaited or not. */
  write(chunk: Uint8Array): Promise<void>;
}

/** Cumulative counters; what the kernel does not offer is null. */
export type Counters = Omit<Usage, 'wallTimeMs'>;

/** What is known where nothing was counted: before a first reading, or without a cgroup. */
export const NOTHING_COUNTED: Counters = Object.freeze({
  cpuTimeMs: 0,
  cpuUserMs: null,
  cpuSystemMs: null,
  memoryPeakBytes: null,
  oomKills: null,
  pidsPeak: null,
  pidsRefusals: null,
  throttledMs: null,
  throttledPeriods: null,
});

/** Longest that `Container.destroy` may take, in milliseconds. */
export const DESTROY_TIMEOUT_MS = 10_000;
