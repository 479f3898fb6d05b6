import { join } from 'node:path';
import { type ConfigFiles, readConfigFiles } from './config-files.js';
import { type FleetConfig, parseConfig } from './fleet-config.js';
import { folderChanges, pause } from './folder-changes.js';
import { PolicyError } from './policy-error.js';

export interface WatchOptions {
  /**
   * Awaited before a configuration is taken into use, the first one included: the place to record it. When it fails, the
   * configuration is not taken, and is tried again at the next look.
   */
  onLoaded(config: FleetConfig): void | Promise<void>;
  /** Called once for each distinct problem; the last good configuration stays in use. When it fails, it is called again at the next look. */
  onRefused(error: PolicyError): void | Promise<void>;
  /** Aborting ends the watch; the handle keeps its last configuration. */
  readonly signal: AbortSignal;
  readonly settleMs?: number;
  readonly rescanMs?: number;
  readonly now?: () => Date;
}

/** Disposing ends the watch, and waits for a reload that is under way. */
export interface ConfigHandle extends AsyncDisposable {
  readonly current: FleetConfig;
}

/** Times that a folder is read until two readings agree. */
const MAX_READINGS = 10;

/**
 * Loads a configuration folder and keeps it current. Throws PolicyError when there is no good configuration to start with,
 * or what `onLoaded` threw; later, a bad one is refused and the last good one stays.
 */
export async function watchConfig(dir: string, options: WatchOptions): Promise<ConfigHandle> {
  const { onLoaded, onRefused, signal, settleMs = 100, rescanMs = 5000, now = () => new Date() } = options;
  signal.throwIfAborted();
  const files = await readConfigFiles(dir);
  let current = parseConfig(files, now());
  await onLoaded(current);
  signal.throwIfAborted();

  /** Of the last reading that was decided on, either way. */
  let decided = files.fingerprint;
  let reported: string | undefined;

  const take = async (found: ConfigFiles) => {
    const config = parseConfig(found, now());
    try {
      await onLoaded(config);
    } catch (cause) {
      const problem = {
        file: dir,
        path: '',
        reason: `the configuration is good, but taking it into use failed: ${cause}`,
      };
      throw new PolicyError('not_taken', [problem], { cause });
    }
    current = config;
    reported = undefined;
  };

  const refuse = async (error: PolicyError): Promise<boolean> => {
    if (error.message === reported) return true;
    try {
      await onRefused(error);
    } catch {
      // Nobody is left to tell; the next look tells again.
      return false;
    }
    reported = error.message;
    return true;
  };

  const look = async (stopped: AbortSignal) => {
    if ((await readOnce(dir)).fingerprint === decided) return;
    const reading = await readSettled(dir, settleMs, stopped);
    if (stopped.aborted || reading.fingerprint === decided) return;
    try {
      if ('error' in reading) throw reading.error;
      await take(reading.files);
      decided = reading.fingerprint;
    } catch (error) {
      const problem = policyErrorOf(error, dir);
      const told = await refuse(problem);
      if (told && problem.code !== 'not_taken') decided = reading.fingerprint;
    }
  };

  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const watching = (async () => {
    const folders = [dir, join(dir, 'policies')];
    for await (const _ of folderChanges(folders, { settleMs, rescanMs, signal: stopped }))
      await look(stopped);
  })();

  return {
    get current() {
      return current;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

/** What a look at the folder gave. Equal fingerprints mean the same files, or the same reason why they could not be read. */
type Reading = { readonly fingerprint: string } & (
  | { readonly files: ConfigFiles }
  | { readonly error: PolicyError }
);

async function readOnce(dir: string): Promise<Reading> {
  try {
    const files = await readConfigFiles(dir);
    return { files, fingerprint: files.fingerprint };
  } catch (error) {
    const problem = policyErrorOf(error, dir);
    return { error: problem, fingerprint: `unreadable: ${problem.message}` };
  }
}

/** Reads until two readings agree, so that a half-written file is not mistaken for a bad one. */
async function readSettled(dir: string, settleMs: number, signal: AbortSignal): Promise<Reading> {
  let last = await readOnce(dir);
  for (let readings = 1; readings < MAX_READINGS && !signal.aborted; readings++) {
    await pause(settleMs, signal);
    const next = await readOnce(dir);
    if (next.fingerprint === last.fingerprint) return next;
    last = next;
  }
  return last;
}

function policyErrorOf(error: unknown, dir: string): PolicyError {
  if (error instanceof PolicyError) return error;
  return new PolicyError('unreadable', [{ file: dir, path: '', reason: `can't be loaded: ${error}` }], {
    cause: error,
  });
}
