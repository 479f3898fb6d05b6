import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { buildPrograms, testPrograms } from './testing/programs.js';

const run = promisify(execFile);

beforeAll(buildPrograms);

it('matches patterns as their definition says, and judges paths and payloads, under sanitizers', async () => {
  const { stdout } = await run(`${testPrograms}/unit`);
  expect(stdout).toBe('0 failures\n');
});

it('survives thousands of conversations that are nearly right, under sanitizers', async () => {
  const { stdout } = await run(`${testPrograms}/fuzz`, ['10000']);
  expect(Number(/^(\d+) conversations$/m.exec(stdout)?.[1])).toBeGreaterThan(500);
}, 60_000);
