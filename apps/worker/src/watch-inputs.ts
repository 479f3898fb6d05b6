import { type ConfigHandle, type Runtimes, watchConfig, watchRuntimes } from '@fumehood/policy';
import type { Logger } from '@fumehood/telemetry';
import type { WorkerConfig } from './config.js';

export interface WatchedInputs {
  readonly fleetConfig: ConfigHandle;
  readonly runtimes: { readonly current: Runtimes };
}

/** Policies, tenants and runtimes from this host's own files, taken up again when they change. */
export async function watchInputs(
  config: Pick<WorkerConfig, 'FUMEHOOD_CONFIG_DIR' | 'FUMEHOOD_RUNTIMES_DIR' | 'FUMEHOOD_RUNTIMES_LOCK'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<WatchedInputs> {
  const fleetConfig = await watchConfig(config.FUMEHOOD_CONFIG_DIR, {
    signal,
    onLoaded: ({ policies, tenants }) =>
      logger.info({ policies: policies.size, tenants: tenants.size }, 'configuration loaded'),
    onRefused: ({ file, path, reason }) =>
      logger.error({ file, path, reason }, 'configuration refused; the last good one stays'),
  });
  const runtimes = await watchRuntimes({
    runtimesDir: config.FUMEHOOD_RUNTIMES_DIR,
    lockFile: config.FUMEHOOD_RUNTIMES_LOCK,
    signal,
    onLoaded: (loaded) => {
      const missing = loaded.missing.map(({ name }) => name);
      logger.info({ runtimes: [...loaded.keys()], missing }, 'runtimes loaded');
    },
    onRefused: (error) => logger.error({ err: error }, 'runtimes refused; the last good ones stay'),
  });
  return { fleetConfig, runtimes };
}
