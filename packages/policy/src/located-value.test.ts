import { describe, expect, it } from 'vitest';
import { type Located, readJson, readYaml, type Unreadable } from './located-value.js';

const faultsOf = (read: Located | Unreadable) => ('faults' in read ? read.faults : []);
const readValue = (read: Located | Unreadable) => {
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.value;
};

describe('YAML', () => {
  it('is read as YAML 1.2: yes is a text, and 010 is ten', () => {
    expect(readValue(readYaml('a: yes\nb: 010\nc: 1e3\nd: 2026-01-01\n'))).toEqual({
      a: 'yes',
      b: 10,
      c: 1000,
      d: '2026-01-01',
    });
  });

  it('may use anchors in moderation', () => {
    expect(readValue(readYaml('a: &x { b: 1 }\nc: *x\n'))).toEqual({ a: { b: 1 }, c: { b: 1 } });
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', 'the key "a" occurs twice', { line: 3, column: 1 }],
    [
      'the key __proto__',
      'a:\n  __proto__: { b: 1 }\n',
      'the key "__proto__" is refused',
      { line: 2, column: 3 },
    ],
    ['an unknown tag', 'a: !foo 1\n', 'Unresolved tag: !foo', { line: 1, column: 4 }],
    ['binary data', 'a: !!binary aGk=\n', 'Unresolved tag: tag:yaml.org,2002:binary', { line: 1, column: 4 }],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      'holds more than one document; use a file for each',
      { line: 2, column: 1 },
    ],
    ['a tab for indentation', 'a:\n\tb: 1\n', 'Tabs are not allowed as indentation', { line: 2, column: 1 }],
    ['an unfinished text', 'a: "x\n', 'Missing closing "quote', undefined],
    [
      'a key that is no text',
      '? [a]\n: b\n',
      'With stringKeys, all keys must be strings',
      { line: 1, column: 3 },
    ],
    ['an alias of nothing', 'a: *x\n', expect.stringContaining('Unresolved alias'), undefined],
  ])('is refused with %s', (_what, text, reason, position) => {
    expect(faultsOf(readYaml(text))).toContainEqual(
      position ? { reason, position } : expect.objectContaining({ reason }),
    );
  });

  it('is refused when its aliases multiply', () => {
    const levels = [...'bcdefghi'].map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`,
    );
    const bomb = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]', ...levels].join('\n');
    expect(faultsOf(readYaml(bomb))[0]?.reason).toContain('Excessive alias count');
  });

  it.each([
    ['lists', '['.repeat(20_000)],
    ['closed lists', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['objects', '{a: '.repeat(20_000)],
    ['dashes', `${'- '.repeat(20_000)}a`],
    ['questions', `${'? '.repeat(20_000)}a`],
    ['indentation', Array.from({ length: 100 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('is refused when %s are nested deeply, before anything recurses', (_what, text) => {
    expect(faultsOf(readYaml(text))).toEqual([{ reason: 'is nested deeper than 32 levels' }]);
  });

  it('keeps a prototype clean', () => {
    readYaml('__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\n');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('a place', () => {
  const text = 'top:\n  list:\n    - x: 1\n    - x: two\n  empty:\nalias: &a { deep: 1 }\nused: *a\n';
  const located = readYaml(text);
  const at = (path: readonly (string | number)[], part?: 'value' | 'key') => {
    if ('faults' in located) throw new Error('unreadable');
    const position = located.locate(path, part);
    return position && `${position.line}:${position.column}`;
  };

  it.each([
    ['a value', ['top', 'list', 1, 'x'], undefined, '4:10'],
    ['a key', ['top', 'list', 1, 'x'], 'key', '4:7'],
    ['the nearest part around what is absent', ['top', 'list', 0, 'y'], undefined, '3:7'],
    ['the document', [], undefined, '1:1'],
    ['a value behind an alias', ['used', 'deep'], undefined, '6:19'],
  ] as const)('is found for %s', (_what, path, part, place) => {
    expect(at(path, part)).toBe(place);
  });
});

describe('JSON', () => {
  it('is read by the rules of JSON, and has places too', () => {
    const read = readJson('{\n  "a": [1,\n    {"b": 2}]\n}');
    expect(readValue(read)).toEqual({ a: [1, { b: 2 }] });
    expect('locate' in read && read.locate(['a', 1, 'b'])).toEqual({ line: 3, column: 11 });
  });

  it('is refused where only YAML would take it', () => {
    const [fault] = faultsOf(readJson('{\n  "a": 1, # one\n}'));
    expect(fault?.reason).toMatch(/^is not JSON: /);
    expect(fault?.position).toEqual({ line: 2, column: 11 });
  });

  it('is refused with a duplicate key or __proto__', () => {
    expect(faultsOf(readJson('{"a":1,"a":2}'))).toMatchObject([{ reason: 'the key "a" occurs twice' }]);
    expect(faultsOf(readJson('{"__proto__":{}}'))).toMatchObject([
      { reason: 'the key "__proto__" is refused' },
    ]);
  });

  it('is read even where YAML would stumble over its tabs', () => {
    expect(readValue(readJson('{\n\t"a": 1\n}'))).toEqual({ a: 1 });
  });
});
