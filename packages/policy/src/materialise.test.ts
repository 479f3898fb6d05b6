import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inputPieces, materialise } from './materialise.js';
import { requestOf } from './testing/samples.js';

it('decodes files, code and standard input', () => {
  const request = requestOf({
    code: 'print("ü")',
    files: [
      { path: 'a.txt', content: 'é' },
      { path: 'run.sh', contentBase64: Buffer.from([0, 255]).toString('base64'), executable: true },
    ],
    stdin: 'in',
  });
  expect(materialise(request, 'main.py')).toEqual({
    files: [
      { path: 'a.txt', content: Buffer.from('é'), executable: false },
      { path: 'run.sh', content: Buffer.from([0, 255]), executable: true },
      { path: 'main.py', content: Buffer.from('print("ü")'), executable: false },
    ],
    stdin: Buffer.from('in'),
  });
});

it('stores nothing at the entry when there is no code, and something when the code is empty', () => {
  const files = [{ path: 'main.py', content: 'pass' }];
  expect(materialise(requestOf({ code: undefined, files }), 'main.py').files).toHaveLength(1);
  expect(materialise(requestOf({ code: '' }), 'main.py').files).toMatchObject([
    { path: 'main.py', content: Buffer.of() },
  ]);
});

it('gives empty standard input when there is none', () => {
  expect(materialise(requestOf(), 'main.py').stdin).toHaveLength(0);
});

it('counts the bytes of any input without decoding it, as decoding gives them', () => {
  const text = fc.string({ unit: 'binary' }).map((s) => s.replace(/\p{Cs}/gu, ''));
  const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));
  const piece = fc.oneof(
    text.map((content) => ({ content })),
    base64.map((contentBase64) => ({ contentBase64 })),
  );
  const stdin = fc.oneof(
    text.map((one) => ({ stdin: one })),
    base64.map((one) => ({ stdinBase64: one })),
    fc.constant({}),
  );
  fc.assert(
    fc.property(fc.array(piece), stdin, fc.option(text, { nil: undefined }), (pieces, input, code) => {
      const files = pieces.map((one, index) => ({ path: `f${index}`, ...one }));
      const request = requestOf({ code, files, ...input });
      const decoded = materialise(request, 'main.py');
      const stored = inputPieces(request).filter((one) => one.stored);
      expect(stored.map(({ bytes }) => bytes)).toEqual(decoded.files.map((file) => file.content.byteLength));
      const given = inputPieces(request).filter((one) => !one.stored);
      expect(given.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(decoded.stdin.byteLength);
    }),
  );
});
