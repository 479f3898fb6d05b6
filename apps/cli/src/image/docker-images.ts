import { buildImage, inspectImage } from '@fumehood/sandbox-docker';
import type { EngineImage, ImageEngine } from './image-engine.js';

/** Builds and finds images with the Docker Engine behind a socket. */
export function dockerImages(socketPath: string): ImageEngine {
  const inspect = async (reference: string): Promise<EngineImage | undefined> => {
    const facts = await inspectImage(reference, { socketPath });
    return facts && { digest: facts.digest, bytes: facts.sizeBytes, labels: facts.labels };
  };
  return {
    inspect,
    async build({ contextDir, tag, labels, fresh, signal, onLine }) {
      const digest = await buildImage({
        contextDir,
        tag,
        labels,
        fresh,
        socketPath,
        signal,
        onProgress: onLine,
      });
      const image = await inspect(digest);
      if (image === undefined) throw new Error(`the engine built ${digest}, and does not have it`);
      return image;
    },
  };
}
