export { type DockerDriverOptions, dockerDriver } from './docker-driver.js';
export { availableTiers } from './engine/choose-runtime.js';
export { type DockerFacts, dockerFacts } from './engine/docker-facts.js';
export { type EngineFinding, engineFindings } from './engine/engine-findings.js';
export { type BuildOptions, buildImage } from './image/build-image.js';
export type { ImageFacts } from './image/image-facts.js';
export { inspectImage, tagImage } from './image/local-images.js';
export { currentOwner, type Owner } from './lease/owner.js';
