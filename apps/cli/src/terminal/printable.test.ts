import { describe, expect, it } from 'vitest';
import { excerpt, printable } from './printable.js';

describe('the output of a job on a terminal', () => {
  it('can not steer it', () => {
    expect(printable('\u001b[31mred\u001b]0;title\u0007\r\u202egnp\u009b2J')).toBe(
      '·[31mred·]0;title···gnp·2J',
    );
  });

  it('keeps lines and letters of any language', () => {
    expect(printable('\u001b[31mred\u001b]0;title\u0007\r\u202egnp\u009b2J')).toBe(
      '·[31mred·]0;title···gnp·2J',
    );
  });

  it('is shown whole when it is short, without empty lines', () => {
    expect(excerpt('one\n\n  two  \n')).toEqual(['one', '  two']);
  });

  it('is shown by its beginning and end when it is long', () => {
    const lines = excerpt(Array.from({ length: 1_234 }, (_, number) => `line ${number}`).join('\n'));
    expect(lines).toEqual(['line 0', 'line 1', '… 1,230 more lines …', 'line 1232', 'line 1233']);
  });

  it('has its long lines cut', () => {
    expect(excerpt('x'.repeat(1_000))[0]).toBe(`${'x'.repeat(110)}…`);
  });
});
