import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOutput, incompleteTail } from './encode-output.js';

describe('output as text', () => {
  it('is text when it is UTF-8, and base64 when it is not', () => {
    expect(encodeOutput(Buffer.from('grüße\0'))).toEqual({ encoding: 'utf8', data: 'grüße\0' });
    expect(encodeOutput(Buffer.from([0xff, 0x41]))).toEqual({ encoding: 'base64', data: '/0E=' });
    expect(encodeOutput(Buffer.from('\uFEFFbom'))).toEqual({ encoding: 'utf8', data: '\uFEFFbom' });
  });

  it('can be cut anywhere: what is complete of a text is text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const bytes = Buffer.from(text);
        const cut = bytes.subarray(0, bytes.length === 0 ? 0 : at % (bytes.length + 1));
        const complete = cut.subarray(0, cut.length - incompleteTail(cut));
        expect(encodeOutput(complete).encoding).toBe('utf8');
        expect(text.startsWith(encodeOutput(complete).data)).toBe(true);
      }),
    );
  });

  it('waits for at most three bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(incompleteTail(bytes)).toBeLessThanOrEqual(3);
        expect(incompleteTail(bytes)).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
