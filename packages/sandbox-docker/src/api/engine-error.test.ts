import { SandboxError } from '@fumehood/sandbox';
import { describe, expect, it } from 'vitest';
import { asSandboxError } from './engine-error.js';

const answered = (statusCode: number, message: string) =>
  Object.assign(new Error('(HTTP code …)'), { statusCode, json: { message } });
const failed = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('a failure of the engine', () => {
  it.each([
    [answered(404, 'No such image: sha256:abc'), 'image_missing', /fumehood image build/],
    [answered(400, 'Unknown runtime specified runsc'), 'isolation_unavailable', /daemon\.json/],
    [
      answered(400, 'invalid mount config: bind source path does not exist: /x'),
      'engine_unsupported',
      /same files/,
    ],
    [
      answered(500, 'OCI runtime create failed: error setting rlimit type 7'),
      'engine_unsupported',
      /LimitNOFILE/,
    ],
    [answered(500, 'OCI runtime create failed: exec format error'), 'engine_failed', /exec format error/],
    [answered(409, 'removal is already in progress'), 'engine_failed', /409/],
    [failed('ENOENT'), 'engine_unavailable', /start Docker/],
    [failed('ECONNREFUSED'), 'engine_unavailable', /nobody listens/],
    [failed('EACCES'), 'engine_unavailable', /group/],
    [failed('ECONNRESET'), 'engine_unavailable', /ECONNRESET/],
  ] as const)('%o is %s', (error, code, message) => {
    const mapped = asSandboxError(error, 'starting the container x', '/var/run/docker.sock');
    expect(mapped).toMatchObject({ code, cause: error, began: false });
    expect(mapped.message).toMatch(message);
    expect(mapped.message).toContain('while starting the container x');
  });

  it('stays what it is when it is a SandboxError', () => {
    const error = new SandboxError('start_timeout', 'slow');
    expect(asSandboxError(error, 'x', 'y')).toBe(error);
  });

  it('is told in one safe line, however long', () => {
    const { message } = asSandboxError(answered(500, `a\n\u001b[31m${'b'.repeat(100_000)}`), 'x', 'y');
    expect(message.length).toBeLessThan(700);
    expect(message).not.toMatch(/\p{Cc}/u);
  });
});
