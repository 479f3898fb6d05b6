import { type FSWatcher, watch } from 'node:fs';

export interface FolderChangesOptions {
  /** How long it must be quiet after an event, in milliseconds: editors write in several steps. */
  readonly settleMs: number;
  /** A change is assumed this often, in milliseconds, whatever the kernel says: not every file system has events. */
  readonly rescanMs: number;
  readonly signal: AbortSignal;
}

/** Longest that a folder in which something happens all the time is waited for, in settling times. */
const MAX_SETTLES = 20;

/** Yields whenever something in the folders may have changed, once at the start; ends when the signal aborts. Holds no process open. */
export async function* folderChanges(
  folders: readonly string[],
  { settleMs, rescanMs, signal }: FolderChangesOptions,
): AsyncGenerator<void> {
  let changed = true;
  let wake = () => {};
  const onEvent = () => {
    changed = true;
    wake();
  };
  let watchers: readonly FSWatcher[] = [];
  try {
    while (!signal.aborted) {
      // Opened anew each time, as a watcher stays with the old folder when a symbolic link or a rename puts another in its place.
      const fresh = folders.flatMap((folder) => watchFolder(folder, onEvent));
      for (const watcher of watchers) watcher.close();
      watchers = fresh;
      if (!changed)
        await pause(rescanMs, signal, (resolve) => {
          wake = resolve;
        });
      for (let settles = 0; changed && settles < MAX_SETTLES && !signal.aborted; settles++) {
        changed = false;
        await pause(settleMs, signal);
      }
      if (signal.aborted) return;
      yield;
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

/** No watcher where the folder is absent or the kernel has none to give: the rescan is enough then. */
function watchFolder(folder: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** Resolves after `ms`, when the signal aborts, or when `early` says so. */
export async function pause(
  ms: number,
  signal: AbortSignal,
  early?: (resolve: () => void) => void,
): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    signal.addEventListener('abort', end);
    early?.(end);
  });
}
