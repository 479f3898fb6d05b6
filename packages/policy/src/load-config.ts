import { readConfigFiles } from './config-files.js';
import { type FleetConfig, parseConfig } from './fleet-config.js';

/**
 * Loads a configuration folder: `tenants.yaml`, and one policy in each `policies/*.yaml`.
 * Throws PolicyError with every file, place and reason when anything is wrong.
 */
export async function loadConfig(dir: string, now: () => Date = () => new Date()): Promise<FleetConfig> {
  return parseConfig(await readConfigFiles(dir), now());
}
