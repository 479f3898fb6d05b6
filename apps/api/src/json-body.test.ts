import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.js';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, parseJsonBody } from './json-body.js';

const parse = (text: string | Buffer) => parseJsonBody(Buffer.from(text));

function refusal(text: string | Buffer): ApiError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('parseJsonBody', () => {
  it('gives what JSON.parse gives, for any JSON of ordinary depth', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        if (/__proto__|prototype/.test(text)) return;
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes an empty body as no body', () => {
    expect(parse('')).toBeUndefined();
  });

  it.each([
    ['a word', 'secret-word'],
    ['an open string', '{"a":"'],
    ['a string that ends in a backslash', '"\\'],
    ['two documents', '{} {}'],
    ['a trailing comma', '[1,]'],
    ['a single quote', "{'a':1}"],
    ['NaN', '[NaN]'],
    ['a byte order mark', '\ufeff{}'],
  ])('refuses %s as malformed, and quotes nothing of it', (_what, text) => {
    const error = refusal(text);
    expect(error.code).toBe('malformed_json');
    expect(error.message).not.toContain('secret-word');
  });

  it('refuses bytes that are not UTF-8 instead of replacing them', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0xfe, 0x22])).code).toBe('malformed_json');
  });

  it.each(['[', '{"a":'])('refuses %j nested 10,000 deep without recursing', (open) => {
    expect(refusal(open.repeat(10_000)).code).toBe('json_too_complex');
  });

  it('allows exactly the depth that it says', () => {
    expect(() => parse('['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH))).not.toThrow();
    expect(refusal('['.repeat(MAX_JSON_DEPTH + 1) + ']'.repeat(MAX_JSON_DEPTH + 1)).code).toBe(
      'json_too_complex',
    );
  });

  it('refuses a flat array of millions of values before making them', () => {
    expect(refusal(`[${'0,'.repeat(2_000_000)}0]`).code).toBe('json_too_complex');
    expect(() => parse(`[${'0,'.repeat(MAX_JSON_VALUES - 3)}0]`)).not.toThrow();
  });

  it('counts no bracket, comma or quote inside a string', () => {
    const text = JSON.stringify({ code: '[{,:"\\'.repeat(100_000) });
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['{"__proto__":{"admin":true}}', '/__proto__'],
    ['{"a":{"__proto__":1}}', '/a/__proto__'],
    ['{"a":[{"\\u005f_proto__":1}]}', '/a/0/__proto__'],
    ['{"constructor":{"prototype":{"admin":true}}}', '/constructor/prototype'],
  ])('refuses %s and says where', (text, path) => {
    const error = refusal(text);
    expect(error.code).toBe('forbidden_key');
    expect(error.errors?.[0]?.path).toBe(path);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('leaves a key called constructor alone when it reaches no prototype', () => {
    expect(parse('{"env":{"constructor":"x"}}')).toEqual({ env: { constructor: 'x' } });
  });
});
