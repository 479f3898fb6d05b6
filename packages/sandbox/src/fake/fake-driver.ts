import type { Profile } from '@fumehood/schema';
import { createDriver } from '../create-driver.js';
import type { SandboxDriver } from '../driver.js';
import { processEngine } from './process-engine.js';

export interface FakeDriverOptions {
  /** Called before each sandbox is made; what it throws is what `acquire` rejects with. */
  readonly beforeCreate?: (profile: Profile) => void | Promise<void>;
}

/**
 * A driver for tests of what is above drivers, where there is no container engine. **It is no sandbox**: programs run as plain processes
 * of this host and user, in a temporary directory. Never give it code that you would not run yourself.
 *
 * Only the engine is fake, and as little of it as can be: programs are real programs of this host, started by a real init that speaks the real
 * protocol, and everything above is what real drivers have. So the same scripts run here and there, and passing the contract says something.
 * It limits time and output only; limits of CPU time, memory, processes, files and network are not enforced.
 */
export const fakeDriver = ({ beforeCreate = () => undefined }: FakeDriverOptions = {}): SandboxDriver =>
  createDriver(processEngine(beforeCreate));
