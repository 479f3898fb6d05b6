import { BUILT_IN_CEILINGS, BUILT_IN_DEFAULTS } from '@fumehood/policy';
import { describe, expect, it } from 'vitest';
import { hintFor } from './hint.js';

const context = { limits: BUILT_IN_DEFAULTS, ceilings: BUILT_IN_CEILINGS };

describe('a hint', () => {
  it('names the limit, its value and how far it can be raised', () => {
    const hint = hintFor({ type: 'limit_exceeded', limit: 'memory' }, context);
    expect(hint).toContain(`${BUILT_IN_DEFAULTS.memoryBytes / 1024 ** 2} MiB`);
    expect(hint).toContain('limits.memoryBytes, up to');
  });

  it('does not advise to ask for more where the ceiling is reached', () => {
    const hint = hintFor(
      { type: 'limit_exceeded', limit: 'wall_time' },
      { limits: BUILT_IN_CEILINGS, ceilings: BUILT_IN_CEILINGS },
    );
    expect(hint).toContain("already at the policy's ceiling");
  });

  it('mentions refused processes even when the program ended well', () => {
    const usage = {
      wallTimeMs: 1,
      cpuTimeMs: 1,
      cpuUserMs: 1,
      cpuSystemMs: 0,
      memoryPeakBytes: 1,
      oomKills: 0,
      pidsPeak: 64,
      pidsRefusals: 12,
      throttledMs: 0,
      throttledPeriods: 0,
    };
    expect(hintFor({ type: 'exited', exitCode: 0 }, { ...context, usage })).toContain('refused 12 times');
  });

  it('is one line for every outcome', () => {
    const outcomes = [
      { type: 'exited', exitCode: 0 },
      { type: 'exited', exitCode: 1 },
      { type: 'exited', exitCode: 127 },
      { type: 'signalled', signal: 'SIGSEGV' },
      { type: 'limit_exceeded', limit: 'cpu_time' },
      { type: 'limit_exceeded', limit: 'output' },
      { type: 'compile_failed', exitCode: 2 },
      { type: 'canceled' },
      { type: 'expired' },
      { type: 'denied', denials: [] },
      { type: 'lost' },
    ] as const;
    for (const outcome of outcomes)
      expect(hintFor({ ...outcome } as Parameters<typeof hintFor>[0])).toMatch(/^[^\n]+\.$/);
  });
});
