import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_PATH_DEPTH, type SkippedArtifact, workspacePathFault } from '@fumehood/schema';
import type { InitMessage } from '../protocol/init-message.js';
import type { WorkerMessage } from '../protocol/worker-message.js';
import { matchesPattern } from '../session/artifact-pattern.js';

type CollectMessage = Extract<WorkerMessage, { type: 'collect' }>;

/** COLLECT as sandbox-init answers it: the messages, in order. */
export async function* collectWorkspace(
  workspace: string,
  request: CollectMessage,
): AsyncGenerator<InitMessage> {
  const isWanted = (path: string) => request.patterns.some((pattern) => matchesPattern(pattern, path));
  let collected = 0;
  let skipped = 0;
  let bytesLeft = request.maxBytes;
  for await (const { path, stats } of walk(workspace, '')) {
    if (!isWanted(path)) continue;
    const reason = skipReason(path, stats, collected < request.maxCount, bytesLeft);
    if (stats === undefined || reason !== undefined) {
      skipped += 1;
      yield { type: 'artifact_skipped', path, reason: reason ?? 'unreadable' };
      continue;
    }
    collected += 1;
    bytesLeft -= stats.size;
    yield { type: 'artifact', path, bytes: stats.size };
    yield* contentOf(join(workspace, path));
  }
  yield { type: 'collected', collected, skipped };
}

interface Entry {
  readonly path: string;
  /** Absent where the name is not UTF-8, so that the file can't be asked for by it. */
  readonly stats: Stats | undefined;
}

/** All but directories, and links as links. */
async function* walk(workspace: string, directory: string): AsyncGenerator<Entry> {
  if (directory.split('/').length > MAX_PATH_DEPTH) return;
  for (const name of await readdir(join(workspace, directory))) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const stats = await lstat(join(workspace, path)).catch(() => undefined);
    if (stats?.isDirectory()) yield* walk(workspace, path);
    else yield { path, stats };
  }
}

function skipReason(
  path: string,
  stats: Stats | undefined,
  hasRoom: boolean,
  bytesLeft: number,
): SkippedArtifact['reason'] | undefined {
  if (workspacePathFault(path) !== undefined) return 'path';
  if (stats === undefined) return 'unreadable';
  if (!hasRoom) return 'count_limit';
  if (stats.isSymbolicLink() || (stats.isFile() && stats.nlink > 1)) return 'link';
  if (!stats.isFile()) return 'not_regular';
  return stats.size > bytesLeft ? 'bytes_limit' : undefined;
}

async function* contentOf(file: string): AsyncGenerator<InitMessage> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    yield { type: 'artifact_data', bytes: chunk };
  }
}
