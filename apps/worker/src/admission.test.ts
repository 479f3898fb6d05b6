import { describe, expect, it } from 'vitest';
import { createAdmission, OVERHEAD_BYTES } from './admission.js';

const GIB = 1024 ** 3;
const never = new AbortController().signal;
const job = (cpus: number, memoryBytes: number) => ({ cpus, memoryBytes: memoryBytes - OVERHEAD_BYTES });

const settled = async (promise: Promise<unknown>) => {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return done;
};

describe('admission', () => {
  it('admits while both memory and CPUs are free, and holds the next job back', async () => {
    const admission = createAdmission({ cpus: 2, memoryBytes: GIB });
    await admission.reserve(job(1, GIB / 4), never);
    const second = await admission.reserve(job(1, GIB / 4), never);
    const third = admission.reserve(job(0.5, GIB / 4), never);
    expect(await settled(third)).toBe(false);
    second[Symbol.dispose]();
    expect(await settled(third)).toBe(true);
    expect(admission.committed()).toEqual({ cpus: 1.5, memoryBytes: GIB / 2 });
  });

  it('does not let small jobs pass a large one that waits', async () => {
    const admission = createAdmission({ cpus: 4, memoryBytes: GIB });
    const running = await admission.reserve(job(1, GIB / 2), never);
    const large = admission.reserve(job(1, GIB), never);
    const small = admission.reserve(job(1, GIB / 8), never);
    expect(await settled(small)).toBe(false);
    running[Symbol.dispose]();
    expect(await settled(large)).toBe(true);
    expect(await settled(small)).toBe(false);
  });

  it('says that there is room only when nothing waits', async () => {
    const admission = createAdmission({ cpus: 1, memoryBytes: GIB });
    await admission.room(never);
    const first = await admission.reserve(job(1, GIB / 2), never);
    const room = admission.room(never);
    expect(await settled(room)).toBe(false);
    first[Symbol.dispose]();
    expect(await settled(room)).toBe(true);
  });

  it('frees a grant once, however often it is disposed', async () => {
    const admission = createAdmission({ cpus: 1, memoryBytes: GIB });
    const grant = await admission.reserve(job(1, GIB), never);
    grant[Symbol.dispose]();
    grant[Symbol.dispose]();
    expect(admission.committed()).toEqual({ cpus: 0, memoryBytes: 0 });
  });

  it('forgets a job whose wait was aborted', async () => {
    const admission = createAdmission({ cpus: 1, memoryBytes: GIB });
    const first = await admission.reserve(job(1, GIB), never);
    const abort = new AbortController();
    const aborted = admission.reserve(job(1, GIB), abort.signal);
    const next = admission.reserve(job(1, GIB), never);
    abort.abort(new Error('canceled'));
    await expect(aborted).rejects.toThrow('canceled');
    first[Symbol.dispose]();
    expect(await settled(next)).toBe(true);
  });

  it('knows a job that would never fit', () => {
    const admission = createAdmission({ cpus: 1, memoryBytes: GIB });
    expect(admission.fits({ cpus: 1, memoryBytes: GIB / 2 })).toBe(true);
    expect(admission.fits({ cpus: 2, memoryBytes: GIB / 2 })).toBe(false);
    expect(admission.fits({ cpus: 1, memoryBytes: GIB })).toBe(false);
  });
});
