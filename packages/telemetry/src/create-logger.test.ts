import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from './create-logger.js';

/** A logger and the lines that it wrote. */
function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ name: 'worker', ...options, to: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') };
}

describe('createLogger', () => {
  it('writes JSON lines with level, time, name, pid and the base fields', () => {
    const { logger, lines, last } = capture({ base: { workerId: 'w1', version: '1.2.3' } });
    logger.info({ jobId: 'job_1' }, 'the job has ended');
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: 'worker',
      pid: process.pid,
      workerId: 'w1',
      version: '1.2.3',
      jobId: 'job_1',
      msg: 'the job has ended',
    });
  });

  it('writes nothing below its level', () => {
    const { logger, lines } = capture({ level: 'warn' });
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
    const silent = capture({ level: 'silent' });
    silent.logger.fatal('nothing');
    expect(silent.lines).toEqual([]);
  });

  it('redacts in bindings of child loggers, in nested objects and in arrays', () => {
    const { logger, lines } = capture();
    const child = logger.child({ request: { headers: { authorization: 'Bearer canary' } } });
    child.info(
      { job: { request: { code: 'print("canary")', files: [{ content: 'canary' }], env: { A: 'canary' } } } },
      'x',
    );
    child.warn({ attempts: [{ command: { argv: ['python', 'canary'] } }] });
    child.info('with %o', { stdin: 'canary text' });
    expect(lines).toHaveLength(3);
    expect(lines.slice(0, 2).join('')).not.toContain('canary');
  });

  it('writes errors with code and causes under any field, without what hangs on them', () => {
    const { logger, last } = capture();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      command: { args: ['canary'] },
    });
    const error = Object.assign(new Error('away', { cause }), { code: 'unavailable' });
    for (const log of [() => logger.error(error), () => logger.error({ err: error }, 'away')]) {
      log();
      expect(last()).toMatchObject({
        msg: 'away',
        err: {
          code: 'unavailable',
          message: 'away',
          cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
        },
      });
    }
    logger.warn({ failure: error, jobId: 'job_1' }, 'retried');
    expect(last()).toMatchObject({
      jobId: 'job_1',
      failure: { code: 'unavailable', cause: { code: 'ECONNREFUSED' } },
    });
    expect(JSON.stringify(last())).not.toContain('canary');
  });

  it('survives circular and very deep objects', () => {
    const { logger, lines } = capture();
    const circular: Record<string, unknown> = { name: 'loop' };
    circular.self = circular;
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 5_000; depth++) deep = { deep };
    logger.info({ circular, deep }, 'odd');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'odd' });
  });
});

describe('a pretty logger', () => {
  it('writes lines for people, redacted all the same, that steer no terminal', () => {
    const { logger, lines } = capture({ pretty: true });
    logger.info({ jobId: 'job_1', env: { A: 'canary' }, path: 'a\u001b[2Jb\nc' }, 'the job has ended');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}worker the job has ended jobId=job_1 env=\[redacted\] path=a\ufffd\[2Jb\ufffdc\n$/,
    );
  });

  it('writes errors as stacks with their codes and causes', () => {
    const { logger, lines } = capture({ pretty: true });
    const cause = Object.assign(new Error('inner'), { code: 'EPIPE' });
    logger.error(Object.assign(new Error('outer', { cause }), { code: 'engine_failed' }));
    expect(lines[0]).toMatch(
      /ERROR worker outer\n {4}Error: outer \(engine_failed\)\n {4}at [\s\S]*\n {4}caused by\n {4}Error: inner \(EPIPE\)\n/,
    );
  });
});
