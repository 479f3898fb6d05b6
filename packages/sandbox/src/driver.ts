import type { Command, Isolation, Outcome, Profile, SkippedArtifact, Usage } from '@fumehood/schema';

/** Makes sandboxes. One driver per technology; a decorator is a driver that wraps a driver. */
export interface SandboxDriver extends AsyncDisposable {
  readonly name: string;
  /** Resolves to a sandbox in which nothing has run. Rejects with SandboxError, or with `signal.reason`. */
  acquire(profile: Profile, signal: AbortSignal): Promise<Sandbox>;
  /** Destroys what dead workers left behind (found by label and lease); returns the ids. */
  reap(): Promise<readonly string[]>;
}

/** Good for one job. Disposal is idempotent, bounded in time, and never rejects. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  /** What really runs this sandbox: tier, driver, runtime binary. */
  readonly isolation: Isolation;
  /**
   * What the job did is the result; what we failed to do rejects with SandboxError; what `io` fails to do has the job killed and rejects with
   * that error. May be called once: a second call, or one after disposal, rejects with TypeError. Disposal during the run cancels it.
   */
  run(command: Command, io: RunIo): Promise<RunResult>;
}

/** A file to put into the workspace before the command begins. The path is in normal form and relative. */
export interface SandboxFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

export type OutputStream = 'stdout' | 'stderr';

/**
 * The two ends of a run's data. Awaiting a returned promise is the back-pressure; it holds the program back, never the clock that runs against
 * it. A sandbox that must be destroyed is not kept for a promise that does not settle: `run` then resolves without waiting for it.
 */
export interface RunIo {
  readonly files: readonly SandboxFile[];
  readonly stdin: Uint8Array;
  /**
   * Aborting kills the job; `run` then resolves with the outcome `canceled` and the evidence so far, unless another cause had ended it before.
   * So it does while artifacts are collected: what was not collected by then is not.
   */
  readonly signal: AbortSignal;
  /** Awaited after the files are in and before the command is started: the place to write down that it begins. */
  beforeStart(): Promise<void>;
  /** At most `command.limits.outputBytes` bytes come for each stream. The chunk is the receiver's to keep. */
  onOutput(stream: OutputStream, chunk: Uint8Array): void | Promise<void>;
  /** Called for one artifact after the other; `content` must be consumed or abandoned before the promise resolves. */
  onArtifact(path: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void>;
}

/** The outcomes that a run itself can have; the others are decided around it. */
export type RunOutcome = Extract<
  Outcome,
  { type: 'exited' | 'signalled' | 'limit_exceeded' | 'compile_failed' | 'canceled' }
>;

export interface RunResult {
  readonly outcome: RunOutcome;
  /** How the main process really ended; null when it was not seen to end. */
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null;
  /** Read from the cgroup on the host, after the last process had ended. */
  readonly usage: Usage;
  readonly artifacts: readonly { readonly path: string; readonly bytes: number }[];
  readonly skippedArtifacts: readonly SkippedArtifact[];
  /** Wall-clock moments, for people. */
  readonly startedAt: Date;
  readonly firstOutputAt: Date | null;
  readonly finishedAt: Date;
  /** Durations on the monotonic clock, in milliseconds. */
  readonly phasesMs: { readonly files: number; readonly run: number; readonly collect: number };
}
