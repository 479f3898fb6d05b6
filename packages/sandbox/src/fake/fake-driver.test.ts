import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeDriver } from '../testing/describe-driver.js';
import { SCRIPTED_PROFILE } from '../testing/run-scripted.js';
import { fakeDriver } from './fake-driver.js';
import { processesIn } from './process-tree.js';

const prefix = `fumehood-fake-${process.pid}-`;

describeDriver('fake', async () => fakeDriver(), {
  runtimeProfile: SCRIPTED_PROFILE,
  capabilities: [],
  leftovers: async () => [
    ...readdirSync(tmpdir()).filter((name) => name.startsWith(prefix)),
    ...processesIn(join(tmpdir(), prefix)).map((pid) => `process ${pid}`),
  ],
});

describe('the fake driver', () => {
  it('fails to make a sandbox when it is told to', async () => {
    const error = new Error('the engine is away');
    const driver = fakeDriver({ beforeCreate: () => Promise.reject(error) });
    await expect(driver.acquire(SCRIPTED_PROFILE, new AbortController().signal)).rejects.toBe(error);
  });

  it('does not pretend to have a stronger wall', async () => {
    const acquired = fakeDriver().acquire(
      { ...SCRIPTED_PROFILE, isolation: 'gvisor' },
      new AbortController().signal,
    );
    await expect(acquired).rejects.toMatchObject({ code: 'isolation_unavailable' });
  });
});
