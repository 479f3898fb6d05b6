import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestFleet, type TestFleet } from './support/fleet.js';
import { hostState, leftovers, openDescriptors, residentBytes } from './support/host.js';

const JOBS = 500;
const CONCURRENCY = 4;
const MIB = 1024 ** 2;

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet({ cpus: CONCURRENCY });
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

it(`${JOBS} jobs, ${CONCURRENCY} at a time, are all right and leave nothing behind`, async () => {
  const before = hostState();
  const worker = fleet.pidOf('worker');
  let next = 0;
  const lane = async () => {
    for (let job = next++; job < JOBS; job = next++) {
      const result = await fleet.client.run({
        runtime: 'bash',
        code: `echo ${job}; echo e${job} >&2; echo $(( ${job} * ${job} )) > out.txt; exit $(( ${job} % 7 ))`,
        artifacts: ['out.txt'],
        limits: { cpus: 1 },
      });
      expect(result.outcome).toEqual({ type: 'exited', exitCode: job % 7 });
      expect([result.stdout.head, result.stderr.head]).toEqual([`${job}\n`, `e${job}\n`]);
      expect(result.artifacts.map(({ path, bytes }) => [path, bytes])).toEqual([
        ['out.txt', `${job * job}\n`.length],
      ]);
      if (job === JOBS / 5) {
        warm.rss = residentBytes(worker);
        warm.descriptors = openDescriptors(worker);
      }
    }
  };
  const warm = { rss: 0, descriptors: 0 };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  expect(await leftovers(before)).toEqual({});
  expect(fleet.pidOf('worker')).toBe(worker);
  expect(openDescriptors(worker)).toBeLessThanOrEqual(warm.descriptors);
  expect(residentBytes(worker)).toBeLessThan(warm.rss + 32 * MIB);
}, 900_000);
