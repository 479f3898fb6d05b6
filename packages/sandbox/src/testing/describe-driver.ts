import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import type { SandboxDriver } from '../driver.js';
import { createBench, type DriverContract } from './bench.js';
import { describeArtifacts } from './suites/artifacts.js';
import { describeCancellation } from './suites/cancellation.js';
import { describeContainment } from './suites/containment.js';
import { describeFiles } from './suites/files.js';
import { describeLifecycle } from './suites/lifecycle.js';
import { describeOutput } from './suites/output.js';
import { describePrograms } from './suites/programs.js';
import { describeResources } from './suites/resources.js';
import { describeStdin } from './suites/stdin.js';
import { describeTime } from './suites/time.js';

/**
 * The contract of every driver, as tests: what `SandboxDriver` promises, shown with small programs, most of them hostile. They need no more than
 * any Debian image has. What a driver can't do is missing in its capabilities; those cases are skipped, visibly.
 */
export function describeDriver(
  name: string,
  makeDriver: () => Promise<SandboxDriver>,
  contract: DriverContract,
): void {
  describe(`the driver ${name}`, () => {
    let driver: SandboxDriver | undefined;
    const bench = createBench(contract, () => driver ?? expect.unreachable('the driver is made first'));
    beforeAll(async () => {
      driver = await makeDriver();
    });
    afterEach(async () => {
      expect((await contract.leftovers?.()) ?? []).toEqual([]);
    });
    afterAll(async () => {
      await driver?.[Symbol.asyncDispose]();
    });

    describePrograms(bench);
    describeFiles(bench);
    describeStdin(bench);
    describeOutput(bench);
    describeTime(bench);
    describeArtifacts(bench);
    describeResources(bench);
    describeContainment(bench);
    describeCancellation(bench);
    describeLifecycle(bench);
  });
}
