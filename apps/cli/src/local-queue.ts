import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectQueue, type JobQueue, parseSigningKeys } from '@fumehood/queue';
import type { CliConfig } from './config.js';
import { readCredentials, SecretsSchema } from './up/state-dir.js';

/** The queue of the fleet that runs here, and the keys that `fumehood up` made for it. */
export interface LocalQueue extends AsyncDisposable {
  readonly queue: JobQueue;
  readonly auditKey: Uint8Array;
}

/** Opens the local fleet's queue; undefined when none runs from the state folder. */
export async function openLocalQueue(config: CliConfig): Promise<LocalQueue | undefined> {
  const credentials = await readCredentials(config.stateDir);
  if (credentials === undefined) return undefined;
  const secrets = SecretsSchema.parse(
    JSON.parse(await readFile(join(config.stateDir, 'secrets.json'), 'utf8')),
  );
  const queue = await connectQueue({
    redisUrl: credentials.redisUrl,
    signingKeys: parseSigningKeys(secrets.signingKeys),
  });
  return {
    queue,
    auditKey: Uint8Array.from(Buffer.from(secrets.auditKey, 'base64')),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}
