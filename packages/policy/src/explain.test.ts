import { describe, expect, it } from 'vitest';
import { explain } from './explain.js';
import { resolve } from './resolve.js';
import { DIGEST, policyOf, requestOf, runtimes } from './testing/samples.js';

const explained = (request: Parameters<typeof requestOf>[0], policy = policyOf()) => {
  const resolution = resolve(requestOf(request), policy, { runtimes });
  return explain('plan' in resolution ? resolution.plan : resolution.denials);
};

describe('the explanation of a plan', () => {
  it('says what will run, where, and under which limits', () => {
    const policy = policyOf({ egress: [{ host: '*.example.com' }] });
    const text = explained(
      { args: ['a b', "it's"], egress: [{ host: 'api.example.com' }], artifacts: ['*.png'] },
      policy,
    );
    expect(text).toMatch(/^Allowed by policy small \(sha256:[0-9a-f]{64}\)\./);
    for (const line of [
      `Runs      main.py in python (${DIGEST})`,
      `Command   /usr/bin/python3 main.py 'a b' 'it'\\''s'`,
      'Isolation container',
      'Network   only api.example.com:443',
      'Collects  *.png',
      'Queue     interactive, waits at most 10 min',
      'Kept for  1 d after its end',
      '  memoryBytes      512 MiB',
      '  wallTimeMs       30 s',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('names variables and never shows their values', () => {
    const text = explained({ env: { API_TOKEN: 'canary-7f3a' } });
    expect(text).toContain('API_TOKEN');
    expect(text).not.toContain('canary-7f3a');
  });

  it('shows what could take a terminal over as code points', () => {
    const text = explained({ args: ['\u001b[2J', '\u202egpj.exe', 'two\nlines'] });
    expect(text).toContain("'\\u{1b}[2J' '\\u{202e}gpj.exe' 'two\\u{a}lines'");
  });

  it('shows the compile step of a runtime that has one', () => {
    expect(explained({ runtime: 'ts' })).toContain('Compiles  /usr/bin/check --file=main.ts');
  });
});

describe('the explanation of denials', () => {
  it('has a line for each, with its place', () => {
    expect(explained({ limits: { cpus: 3 }, retryOnLoss: true }, policyOf({ allowRetryOnLoss: false }))).toBe(
      [
        'Not allowed, for 2 reasons:',
        '  /limits/cpus  3 is above the ceiling of policy small; ask for at most 2.',
        '  /retryOnLoss  Policy small does not allow code to be run again after a lost worker; leave retryOnLoss out.',
      ].join('\n'),
    );
  });
});
