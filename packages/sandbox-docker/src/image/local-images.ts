import { dockerApi } from '../api/docker-api.js';
import { DEFAULT_SOCKET_PATH } from '../engine/docker-facts.js';
import { type ImageFacts, imageFacts } from './image-facts.js';

interface Engine {
  readonly socketPath?: string;
}

/** An image by tag or digest; undefined when it is not on this host. Nothing is ever pulled. */
export async function inspectImage(reference: string, engine: Engine = {}): Promise<ImageFacts | undefined> {
  const api = dockerApi(engine.socketPath ?? DEFAULT_SOCKET_PATH);
  try {
    return await imageFacts(api, reference);
  } finally {
    api.close();
  }
}

/** Gives an image another name. */
export async function tagImage(reference: string, tag: string, engine: Engine = {}): Promise<void> {
  const api = dockerApi(engine.socketPath ?? DEFAULT_SOCKET_PATH);
  // The last colon, unless it is that of a registry's port.
  const [, repository = tag, version = 'latest'] = /^(.+?)(?::([^/:]+))?$/.exec(tag) ?? [];
  try {
    await api.tagImage(reference, repository, version);
  } finally {
    api.close();
  }
}
