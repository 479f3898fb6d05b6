import { posix } from 'node:path';
import type { ImageAnswer } from '../api/answers.js';
import type { CallOptions, DockerApi } from '../api/docker-api.js';

/** What is known of an image on this host. */
export interface ImageFacts {
  /** The image's id. The same id is the same image, for ever. */
  readonly digest: string;
  readonly tags: readonly string[];
  readonly architecture: string;
  readonly sizeBytes: number;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the variables that it would set. */
  readonly envNames: readonly string[];
  /** Paths that it declares as VOLUME, absolute and in normal form. */
  readonly volumes: readonly string[];
}

/** An image by tag, name or digest; undefined when it is not on this host. Nothing is ever pulled. */
export async function imageFacts(
  api: DockerApi,
  reference: string,
  options?: CallOptions,
): Promise<ImageFacts | undefined> {
  const answer = await api.inspectImage(reference, options);
  return answer === undefined ? undefined : factsOf(answer);
}

const factsOf = (answer: ImageAnswer): ImageFacts => ({
  digest: answer.Id,
  tags: answer.RepoTags,
  architecture: answer.Architecture,
  sizeBytes: answer.Size,
  createdAt: answer.Created,
  labels: answer.Config.Labels,
  envNames: answer.Config.Env.map((variable) => variable.split('=', 1)[0] ?? '').filter(
    (name) => name !== '',
  ),
  volumes: [...new Set(answer.Config.Volumes.map((path) => posix.resolve('/', path)))],
});
