import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactLine } from './redact-line.js';

const CANARY = 'print("canary-51")';
const redact = (fields: unknown): unknown => JSON.parse(redactLine(`${JSON.stringify(fields)}\n`));

describe('redactLine', () => {
  it.each([
    'code',
    'content',
    'contentBase64',
    'content_base64',
    'files',
    'env',
    'args',
    'argv',
    'stdin',
    'stdinBase64',
    'stdout',
    'stderr',
    'body',
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'apiKey',
    'api_key',
    'signingKeys',
    'FUMEHOOD_SIGNING_KEYS',
    'FUMEHOOD_AUDIT_KEY',
    'FUMEHOOD_REDIS_URL',
    'Idempotency-Key',
    'password',
    'secret',
    'token',
  ])('leaves nothing of the field %s, as text, list or object, at any depth', (field) => {
    const deep = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'medium' },
        fc
          .constantFrom(CANARY, [CANARY], { A: CANARY, B: [{ C: CANARY }] })
          .map((value) => ({ [field]: value })),
        fc.record({ job: tie('node') }),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(deep, (value) => {
        expect(JSON.stringify(redact({ level: 'info', value, msg: 'a job' }))).not.toContain('canary');
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what is needed to follow a job', () => {
    const fields = {
      level: 'info',
      jobId: 'job_01jd8x4q0v9m3k7r2t5w6y8z1a',
      sandboxId: 'sb-1',
      runtime: 'python',
      outcome: { type: 'exited', exitCode: 0 },
      phasesMs: { queue: 1.5, files: 2.5, run: 30 },
      keyId: 'k1',
      msg: 'the job has ended',
    };
    expect(redact(fields)).toEqual(fields);
  });

  it.each(['engine_failed', 'ECONNREFUSED', 'ERR_HTTP_HEADERS_SENT', 'fenced', 42])(
    'keeps the error code %s',
    (code) => {
      expect(redact({ err: { code } })).toEqual({ err: { code } });
    },
  );

  it.each(['import os', 'print(1)', 'x=1', 'SELECT 1', 'os.system', 'a'.repeat(65), 'Mixed_Case'])(
    'takes %j for source text and not for an error code',
    (code) => {
      expect(redact({ code })).toEqual({ code: '[redacted]' });
    },
  );

  it('removes keys and passwords from the middle of texts', () => {
    const line = redactLine(
      JSON.stringify({
        msg: 'a\nfh_abcdefgh\tBearer 0123456789abcdef0123 refused Bearer abcdefghijklmnopqrstuvwx from redis://user:hunter2@127.0.0.1:6379/0 with fh_0123456789abcdef',
        list: ['postgres://:pa55@db/x'],
      }),
    );
    expect(JSON.parse(line)).toEqual({
      msg: 'a\n[redacted]\tBearer [redacted] refused Bearer [redacted] from redis://user:[redacted]@127.0.0.1:6379/0 with [redacted]',
      list: ['postgres://:[redacted]@db/x'],
    });
  });

  it('keeps a line one line that steers no terminal, whatever texts are in it, and still the same JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (msg, path) => {
        const fields = { msg, path: `${path}\u009b2J\u202e\u2028\n` };
        const line = redactLine(JSON.stringify(fields));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
        expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*\n$/);
        if (!/(?:bearer|basic)\s|fh_|:\/\//i.test(msg + path))
          expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(fields)));
      }),
    );
  });

  it('drops a line that is no JSON, because it can not tell what is in it', () => {
    const line = redactLine(`{"code":"${CANARY}`);
    expect(line).not.toContain('canary');
    expect(JSON.parse(line)).toMatchObject({ level: 'error' });
  });
});
