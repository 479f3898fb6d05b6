import type { Command, Profile } from '@fumehood/schema';
import type { Container } from '../container-engine.js';
import type { OutputStream, RunIo, RunResult } from '../driver.js';
import { NO_BYTES } from '../protocol/frame.js';
import type { ExecMessage } from '../protocol/worker-message.js';
import { SandboxError } from '../sandbox-error.js';
import { CauseCell } from './cause.js';
import { collectArtifacts } from './collect-artifacts.js';
import type { ControlStream } from './control-stream.js';
import { Force } from './force.js';
import { Meter } from './meter.js';
import { outcomeOf } from './outcome.js';
import { createOutputGate } from './output-gate.js';
import { programsOf } from './programs-of.js';
import { runProgram } from './run-program.js';
import { RunRecord } from './run-record.js';
import { storeFiles } from './store-files.js';
import { watchLimits } from './watch-limits.js';

/** A sandbox that is up, in which nothing has run. */
export interface Session {
  readonly container: Container;
  readonly control: ControlStream;
  readonly profile: Profile;
}

/** Runs one job in a sandbox, from its first file to its last artifact. Aborting `signal` cancels it; the one of `io` is not looked at. */
export async function runSession(
  session: Session,
  command: Command,
  io: RunIo,
  signal: AbortSignal,
): Promise<RunResult> {
  return await new SessionRun(session, command, io).result(signal);
}

/**
 * Two things go on side by side: the phases, which follow the job, and the watch over it, which can end it at any point. What ends it is
 * written down as its cause, once, and the outcome follows from that.
 */
class SessionRun {
  readonly #session: Session;
  readonly #command: Command;
  readonly #io: RunIo;
  readonly #programs: readonly ExecMessage[];
  readonly #record = new RunRecord();
  readonly #meter: Meter;
  readonly #force: Force;
  readonly #cause: CauseCell;
  #stopWatching: () => void = () => undefined;

  constructor(session: Session, command: Command, io: RunIo) {
    this.#session = session;
    this.#command = command;
    this.#io = io;
    this.#programs = programsOf(command, session.profile);
    this.#meter = new Meter(session.container);
    this.#force = new Force(session.container, session.control, () => this.#meter.readBeforeEnd());
    this.#cause = new CauseCell(() => this.#force.use());
  }

  async result(signal: AbortSignal): Promise<RunResult> {
    const cancel = () => this.#cause.decide({ type: 'canceled' });
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      await Promise.race([this.#phases(), this.#force.gone]);
    } catch (error) {
      await this.#force.destroy();
      this.#rethrowUnlessExplained(error);
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#stopWatching();
    }
    const cause = this.#cause.current;
    if (cause?.type === 'failed') throw cause.error;
    const used = this.#meter.used;
    return this.#record.result(outcomeOf(cause, used.oomKills, this.#record.ending), used);
  }

  async #phases(): Promise<void> {
    const { control } = this.#session;
    await storeFiles(control, this.#io.files);
    this.#record.filesWereStored();
    await control.duringSilence(this.#meter.zero());
    if (this.#cause.current === undefined) await this.#announceStart();
    if (this.#cause.current !== undefined) return await this.#force.gone;
    await this.#runPrograms();
    await this.#meter.read();
    await this.#collect();
  }

  /** Whatever happens to the sandbox meanwhile, the receiver gets to the end of its record. */
  async #announceStart(): Promise<void> {
    const announced = this.#io.beforeStart();
    await this.#session.control.duringSilence(announced).finally(() => announced);
  }

  async #runPrograms(): Promise<void> {
    const { control, profile } = this.#session;
    const onOutput = this.#outputGate();
    this.#record.commandStarts();
    this.#stopWatching = watchLimits(
      this.#meter,
      { ...this.#command.limits, cpus: profile.limits.cpus },
      this.#cause,
    );
    for (const program of this.#programs) {
      const stdin = program.kind === 'run' ? this.#io.stdin : NO_BYTES;
      const exit = await runProgram(control, program, stdin, onOutput);
      this.#force.standDown();
      this.#record.programEnded({ kind: program.kind, exit });
      if (exit.code !== 0 || this.#cause.current !== undefined) break;
    }
    this.#stopWatching();
  }

  #outputGate(): (stream: OutputStream, bytes: Uint8Array) => void | Promise<void> {
    return createOutputGate(
      this.#command.limits.outputBytes,
      (stream, bytes) => {
        this.#record.outputCame();
        return this.#io.onOutput(stream, bytes);
      },
      () => this.#cause.decide({ type: 'limit_exceeded', limit: 'output' }),
    );
  }

  async #collect(): Promise<void> {
    const { artifacts: patterns, limits } = this.#command;
    if (patterns.length === 0) return;
    const request = { patterns, maxCount: limits.artifactCount, maxBytes: limits.artifactBytes };
    const onArtifact: RunIo['onArtifact'] = (path, bytes, content) =>
      this.#io.onArtifact(path, bytes, content);
    await collectArtifacts(this.#session.control, request, onArtifact, this.#record);
  }

  /** Decides whether an error is why the run fails, or only what a cause that is known has led to. */
  #rethrowUnlessExplained(error: unknown): void {
    // All that goes wrong with the sandbox is a SandboxError; any other comes from the receiver.
    if (!(error instanceof SandboxError)) throw error;
    if (this.#cause.current !== undefined) return;
    const diedOfMemory = error.code === 'stream_ended' && (this.#meter.used.oomKills ?? 0) > 0;
    if (!diedOfMemory) throw error;
    if (!this.#session.control.began) {
      throw new SandboxError('files_refused', 'Storing the files passed the memory limit', { cause: error });
    }
  }
}
