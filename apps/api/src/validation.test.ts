import { JobRequestSchema } from '@fumehood/schema';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestFaults } from './validation.js';

const faultsOf = (input: unknown) => requestFaults(JobRequestSchema.safeParse(input).error?.issues ?? []);
const pathsOf = (input: unknown) => faultsOf(input).map(({ path }) => path);

it('points to each part that is wrong', () => {
  const request = {
    runtime: 7,
    limits: { cpus: 'many' },
    files: [
      { path: 'a', content: 'x' },
      { path: '../b', content: 'x' },
    ],
  };
  expect(pathsOf(request).sort()).toEqual(['/files/1/path', '/limits/cpus', '/runtime']);
});

it('points to each unknown key, and names the known ones', () => {
  const faults = faultsOf({ runtime: 'python', privileged: true, limits: { memory: 1 } });
  expect(faults.map(({ path }) => path).sort()).toEqual(['/limits/memory', '/privileged']);
  expect(faults.find(({ path }) => path === '/privileged')?.message).toContain('runtime');
});

it('says of a bad key in a record what would be a good one', () => {
  const [fault] = faultsOf({ runtime: 'python', env: { 'A B': '1' } });
  expect(fault).toEqual({
    path: '/env/A B',
    message: expect.stringContaining('letters, digits and underscores'),
  });
});

it('escapes what JSON Pointer escapes, and cuts long keys', () => {
  expect(pathsOf({ runtime: 'python', 'a/b~c': 1 })).toEqual(['/a~1b~0c']);
  expect(pathsOf({ runtime: 'python', ['k'.repeat(10_000)]: 1 })[0]?.length).toBeLessThan(200);
});

it('lists at most 50 faults, whatever comes in', () => {
  const request = {
    runtime: 'python',
    ...Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1])),
  };
  expect(faultsOf(request)).toHaveLength(50);
});

it('finds something to say about every JSON value that the schema refuses', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { success } = JobRequestSchema.safeParse(value);
      expect(faultsOf(value).length > 0).toBe(!success);
    }),
  );
});
