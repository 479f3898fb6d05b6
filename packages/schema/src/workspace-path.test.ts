import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PATH_DEPTH, WorkspacePathSchema, workspacePathFault } from './workspace-path.js';

describe('a workspace path', () => {
  it.each([
    'a',
    'main.py',
    'data/in put.csv',
    'ünïcode/日本.txt',
    '.hidden',
    '-rf',
    '...',
    'a..b',
    '~',
    '$HOME',
    'a:b',
    '😀',
    'x'.repeat(255),
  ])('may be %j', (path) => {
    expect(WorkspacePathSchema.parse(path)).toBe(path);
  });

  it.each([
    ['', 'is empty'],
    ['/etc/passwd', 'is absolute'],
    ['a/', 'names a directory'],
    ['..', 'contains the part ".."'],
    ['../x', 'contains the part ".."'],
    ['a/../../x', 'contains the part ".."'],
    ['a/..', 'contains the part ".."'],
    ['./a', 'contains the part "."'],
    ['a//b', 'contains the part ""'],
    ['a\\..\\b', 'backslash'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['\u001b[2J', 'control'],
    ['a\u007fb', 'control'],
    ['a\u009bb', 'control'],
    ['\u202egpj.exe', 'bidirectional'],
    ['a\u200fb', 'bidirectional'],
    ['a\u2028b', 'control'],
    ['a\ud800b', 'undecodable'],
    ['a\ufffdb', 'undecodable'],
    ['x'.repeat(256), 'longer than 255 bytes'],
    ['é'.repeat(128), 'longer than 255 bytes'],
    [`${'é'.repeat(100)}/`.repeat(6).slice(0, -1), 'longer than 1024 bytes'],
    [
      Array(MAX_PATH_DEPTH + 1)
        .fill('d')
        .join('/'),
      'deeper than 32',
    ],
  ])('is not %j', (path, fault) => {
    expect(workspacePathFault(path)).toContain(fault);
    expect(WorkspacePathSchema.safeParse(path).success).toBe(false);
  });

  it.each(['.fumehood', '.fumehood/x', '.fumehood/stdout'])('is not %j, which is reserved', (path) => {
    expect(WorkspacePathSchema.safeParse(path).error?.issues[0]?.message).toContain('reserved');
  });

  it('may begin like the reserved folder', () => {
    expect(WorkspacePathSchema.safeParse('.fumehoodie/x').success).toBe(true);
  });

  it('that has no fault stays inside of any folder and is in normal form, whatever it is made of', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '/', '\\', '\0', 'a', '//', '../'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.constantFrom('/', ''), (parts, separator) => {
        const path = parts.join(separator);
        if (workspacePathFault(path) !== undefined) return;
        expect(posix.normalize(path)).toBe(path);
        expect(posix.resolve('/workspace', path)).toBe(`/workspace/${path}`);
        expect(Buffer.from(path, 'utf8').toString('utf8')).toBe(path);
      }),
      { numRuns: 2000 },
    );
  });
});
