import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkPosture, statusFaults } from './posture.js';

const CONTAINED = `Name:\tsandbox-init
Uid:\t10001\t10001\t10001\t10001
Gid:\t10001\t10001\t10001\t10001
Groups:\t10001 
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1
`;

describe('the posture of a process', () => {
  it('is right when it has no capability, can gain none, is filtered, and is the job’s user', () => {
    expect(statusFaults(CONTAINED)).toEqual([]);
    expect(statusFaults(CONTAINED.replace('Groups:\t10001 ', 'Groups:\t '))).toEqual([]);
  });

  it.each([
    ['CapBnd:\t0000000000000000', 'CapBnd:\t00000000a80425fb', 'CapBnd is 00000000a80425fb'],
    ['CapEff:\t0000000000000000', 'CapEff:\t0000000000000001', 'CapEff is 0000000000000001'],
    ['NoNewPrivs:\t1', 'NoNewPrivs:\t0', 'NoNewPrivs is 0'],
    ['Seccomp:\t2', 'Seccomp:\t0', 'Seccomp is 0'],
    ['Uid:\t10001\t10001\t10001\t10001', 'Uid:\t10001\t0\t10001\t10001', 'Uid is 10001 0 10001 10001'],
    ['Groups:\t10001 ', 'Groups:\t0 10001 ', 'Groups is 0 10001'],
    ['Seccomp:\t2\n', '', 'Seccomp is absent'],
  ])('is wrong without %j', (right, wrong, fault) => {
    expect(statusFaults(CONTAINED.replace(right, wrong))).toEqual([fault]);
  });

  it('of a process that is not contained at all is wrong in every way', () => {
    expect(statusFaults(readFileSync('/proc/self/status', 'utf8')).length).toBeGreaterThan(3);
  });

  it('is not judged before the runtime has become sandbox-init', async () => {
    await expect(checkPosture(process.pid, 20)).rejects.toMatchObject({ code: 'start_timeout' });
  });

  it('of a process that is gone can not be seen', async () => {
    await expect(checkPosture(2 ** 22 + 1, 20)).rejects.toMatchObject({ code: 'engine_failed' });
  });
});
