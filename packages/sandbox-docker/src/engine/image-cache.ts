import { SandboxError } from '@fumehood/sandbox';
import type { DockerApi } from '../api/docker-api.js';
import { type ImageFacts, imageFacts } from '../image/image-facts.js';

/** Images by digest, asked for once: what a digest names never changes. Whether it is still there shows when a container is made of it. */
export class ImageCache {
  readonly #api: DockerApi;
  readonly #known = new Map<string, ImageFacts>();

  constructor(api: DockerApi) {
    this.#api = api;
  }

  /** Rejects with SandboxError `image_missing`. */
  async get(digest: string, signal: AbortSignal): Promise<ImageFacts> {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const facts = await imageFacts(this.#api, digest, { signal });
    if (facts === undefined) {
      const message = `The image ${digest} is not on this host: build it with \`fumehood image build\`, or pull it`;
      throw new SandboxError('image_missing', message);
    }
    this.#known.set(digest, facts);
    return facts;
  }
}
