import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** stdout and stderr are appended here. */
  readonly logFile: string;
  /** Started again after it ended by itself, with a growing pause; `false`: its end is final. */
  readonly restart: boolean;
  /** Told of each end that was not asked for. */
  onDeath?(death: {
    readonly name: string;
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }): void;
}

/** A process that belongs to this one. */
export interface Child {
  readonly name: string;
  /** Undefined between a death and the next start. */
  pid(): number | undefined;
  /** Rejects with the log's place when the process ends; for as long as somebody waits for it to become ready. */
  died(signal: AbortSignal): Promise<never>;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A run at least this long counts as healthy: the next pause is short again. */
const HEALTHY_MS = 30_000;

export function startChild(options: ChildOptions): Child {
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  const stopping = new AbortController();
  const deathWatchers = new Set<(error: Error) => void>();
  let process: ChildProcess | undefined;

  const runOnce = async () => {
    // Its own process group: Ctrl-C in the terminal reaches only us, and we end the children in order.
    const child = spawn(options.command, options.args, {
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    process = child;
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const ended = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    const death = await Promise.race([ended, failed]).catch((error: Error) => {
      log.write(`${options.name} could not be started: ${error.message}\n`);
      return { code: null, signal: null };
    });
    process = undefined;
    return death;
  };

  const supervise = async () => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      const began = performance.now();
      const death = await runOnce();
      if (stopping.signal.aborted) return;
      options.onDeath?.({ name: options.name, ...death });
      const how = death.signal ?? `exit code ${death.code}`;
      for (const watcher of deathWatchers)
        watcher(new Error(`${options.name} ended (${how}); see ${options.logFile}`));
      if (!options.restart) return;
      pauseMs =
        performance.now() - began > HEALTHY_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const finished = supervise();

  return {
    name: options.name,
    pid: () => process?.pid,
    died: (signal) =>
      new Promise((_, reject) => {
        deathWatchers.add(reject);
        signal.addEventListener('abort', () => deathWatchers.delete(reject), { once: true });
      }),
    async stop(graceMs) {
      stopping.abort();
      const child = process;
      if (child !== undefined) {
        child.kill('SIGTERM');
        const killed = new AbortController();
        const late = delay(graceMs, undefined, { signal: killed.signal }).then(
          () => child.kill('SIGKILL'),
          () => {},
        );
        await finished;
        killed.abort();
        await late;
      }
      await finished;
      log.end();
    },
  };
}
