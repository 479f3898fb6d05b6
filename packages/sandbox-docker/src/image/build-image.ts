import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SandboxError } from '@fumehood/sandbox';
import { packTar, type TarSource } from 'modern-tar/fs';
import { dockerApi } from '../api/docker-api.js';
import { safeText } from '../api/safe-text.js';
import { DEFAULT_SOCKET_PATH } from '../engine/docker-facts.js';
import { buildEvents } from './build-progress.js';

export interface BuildOptions {
  /** A folder with a Dockerfile. All of it is sent to the engine; a .dockerignore is not looked at. */
  readonly contextDir: string;
  /** A file of any place on this machine to add to the context, by its path in there. */
  readonly extraFiles?: Readonly<Record<string, string>>;
  /** `name` or `name:tag`. */
  readonly tag: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Whether to run every step again, though the engine has seen it before. */
  readonly fresh?: boolean;
  /** What the steps of the build may reach; the engine's default network when absent. */
  readonly network?: 'default' | 'none';
  readonly socketPath?: string;
  readonly signal?: AbortSignal;
  /** Told of each line that the build writes. */
  readonly onProgress?: (line: string) => void;
}

const LINES_IN_ERROR = 15;
/** Until the first message; the build itself is bounded by the signal alone. */
const FIRST_ANSWER_TIMEOUT_MS = 60_000;

/**
 * Builds an image from a folder and returns its digest, by which alone sandboxes are made from it. What the Dockerfile builds on must be on
 * this host or to be had from its registry. Rejects with SandboxError; a failed build's last lines are in the message.
 */
export async function buildImage(options: BuildOptions): Promise<string> {
  const { contextDir, tag, signal, onProgress } = options;
  await requireDockerfile(contextDir);
  const api = dockerApi(options.socketPath ?? DEFAULT_SOCKET_PATH);
  const sources: TarSource[] = [
    { type: 'directory', source: contextDir, target: '.' },
    ...Object.entries(options.extraFiles ?? {}).map(
      ([target, source]) => ({ type: 'file', source, target }) as const,
    ),
  ];
  const query = {
    t: tag,
    // The classic builder: it is in every version, and takes the context as it is.
    version: '1',
    rm: '1',
    forcerm: '1',
    networkmode: options.network ?? 'default',
    ...(options.fresh ? { nocache: '1' } : {}),
    labels: JSON.stringify(options.labels ?? {}),
    buildargs: JSON.stringify(options.buildArgs ?? {}),
  };
  const lastLines: string[] = [];
  let digest: string | undefined;
  try {
    const bounds = { timeoutMs: FIRST_ANSWER_TIMEOUT_MS, signal };
    const messages = await api.buildImage(packTar(sources), query, bounds);
    const cut = () => messages.destroy(new Error('the build was called off'));
    signal?.addEventListener('abort', cut, { once: true });
    try {
      for await (const event of buildEvents(messages)) {
        if (event.type === 'line') {
          onProgress?.(event.line);
          lastLines.push(event.line);
          if (lastLines.length > LINES_IN_ERROR) lastLines.shift();
        } else if (event.type === 'image') digest = event.digest;
        else throw failed(tag, event.message, lastLines);
      }
    } finally {
      signal?.removeEventListener('abort', cut);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof SandboxError ? error : failed(tag, String(error), lastLines, error);
  } finally {
    api.close();
  }
  if (digest === undefined) throw failed(tag, 'the engine named no image', lastLines);
  return digest;
}

async function requireDockerfile(contextDir: string): Promise<void> {
  const path = join(contextDir, 'Dockerfile');
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new SandboxError('engine_failed', `There is no Dockerfile at ${path}`);
}

function failed(tag: string, why: string, lastLines: readonly string[], cause?: unknown): SandboxError {
  const lines = lastLines.map((line) => `\n  ${safeText(line)}`).join('');
  return new SandboxError('engine_failed', `Building ${tag} failed: ${safeText(why)}${lines}`, { cause });
}
