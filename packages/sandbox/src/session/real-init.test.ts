import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { createDriver } from '../create-driver.js';
import { describeDriver } from '../testing/describe-driver.js';
import { namespaceEngine } from '../testing/namespace-engine.js';
import { SCRIPTED_PROFILE } from '../testing/run-scripted.js';

const initPath = fileURLToPath(new URL('../../../sandbox-init/dist/sandbox-init', import.meta.url));
/** Namespaces of one's own take root; the binary takes a build. */
const isPossible = process.platform === 'linux' && process.getuid?.() === 0 && existsSync(initPath);

describe.skipIf(!isPossible)('a session with the real sandbox-init', () => {
  describeDriver('namespace', async () => createDriver(namespaceEngine(initPath)), {
    runtimeProfile: SCRIPTED_PROFILE,
    capabilities: ['rlimits', 'storage', 'network', 'processes'],
    leftovers: async () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`fumehood-namespace-${process.pid}-`)),
  });
});
