import { dockerEngine } from '../engine/docker-engine.js';
import { profileOf, sandboxInit } from './fixtures.js';

/** Makes a sandbox of the image that is given, says its id, and holds it until it is killed. */
const engine = await dockerEngine({ initPath: sandboxInit() });
const container = await engine.create(await profileOf(process.argv[2] ?? ''), new AbortController().signal);
process.stdout.write(`${container.id}\n`);
setInterval(() => undefined, 60_000);
