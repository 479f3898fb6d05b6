import { type Client, createClient } from '@fumehood/client';
import { CliError } from './cli-error.js';
import type { CliConfig } from './config.js';
import { readCredentials } from './up/state-dir.js';

/** The API named by the environment, else the fleet that `fumehood up` runs here. */
export async function connectClient(config: CliConfig): Promise<Client> {
  if (config.url !== undefined) {
    if (config.apiKey !== undefined) return createClient({ url: config.url, apiKey: config.apiKey });
    throw new CliError(
      'usage',
      'FUMEHOOD_URL is set, FUMEHOOD_API_KEY is not.',
      'Set both, or neither to use the local fleet.',
    );
  }
  const local = await readCredentials(config.stateDir);
  if (local !== undefined) return createClient(local);
  throw new CliError(
    'not_running',
    `No fleet runs from ${config.stateDir}.`,
    'Start one in another terminal with `fumehood up`, or set FUMEHOOD_URL and FUMEHOOD_API_KEY.',
  );
}
