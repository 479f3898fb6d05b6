import { describe, expect, it } from 'vitest';
import { RuntimeDefinitionSchema } from './runtime.js';

const GOOD = { name: 'python', title: 'Python', entry: 'main.py', run: ['/usr/bin/python3', '{entry}'] };
const refuses = (part: Record<string, unknown>) =>
  !RuntimeDefinitionSchema.safeParse({ ...GOOD, ...part }).success;

describe('a runtime definition', () => {
  it('needs a name, a title, an entry and a command', () => {
    expect(RuntimeDefinitionSchema.parse(GOOD)).toEqual({ ...GOOD, aliases: {}, env: {}, minimums: {} });
    for (const key of Object.keys(GOOD)) expect(refuses({ [key]: undefined })).toBe(true);
  });

  it.each([
    ['an unknown key', { image: 'python:3' }],
    ['an entry outside of the workspace', { entry: '/main.py' }],
    ['an empty command', { run: [] }],
    ['an empty word in its command', { run: [''] }],
    ['a bad alias', { aliases: { 'Py 3': {} } }],
    ['an alias with an unknown key', { aliases: { py: { run: [] } } }],
    ['a bad variable name', { env: { 'A=B': '' } }],
    ['__proto__ for a variable', { env: JSON.parse('{"__proto__":"x"}') }],
    ['an unknown minimum', { minimums: { memory: 1 } }],
    ['a minimum below what can be enforced', { minimums: { pids: 1 } }],
  ])('does not have %s', (_what, part) => {
    expect(refuses(part)).toBe(true);
  });
});
