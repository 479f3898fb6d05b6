import { expect, it } from 'vitest';
import { serializeError } from './serialize-error.js';

const coded = (message: string, code: string | number, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code });

it('keeps type, code and message down the chain of causes', () => {
  const root = coded('connect ECONNREFUSED', 'ECONNREFUSED');
  const error = coded('the queue is away', 'unavailable', new TypeError('no answer', { cause: root }));
  expect(serializeError(error)).toMatchObject({
    type: 'Error',
    code: 'unavailable',
    message: 'the queue is away',
    stack: expect.stringContaining('serialize-error.test'),
    cause: {
      type: 'TypeError',
      message: 'no answer',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    },
  });
});

it('drops what libraries hang on errors, such as the arguments of a command', () => {
  const error = Object.assign(new Error('refused'), {
    command: { name: 'set', args: ['canary'] },
    request: { body: 'canary' },
  });
  expect(JSON.stringify(serializeError(error))).not.toContain('canary');
});

it('ends for a cause that leads back to itself, and for a thousand causes', () => {
  const error: Error & { cause?: unknown } = new Error('circular');
  error.cause = error;
  expect(JSON.stringify(serializeError(error)).match(/"circular"/g)?.length).toBeLessThan(20);
  const deep = Array.from({ length: 1_000 }).reduce(
    (cause: unknown) => new Error('deep', { cause }),
    undefined,
  );
  expect(JSON.stringify(serializeError(deep)).length).toBeLessThan(100_000);
});

it('keeps the first errors of an AggregateError', () => {
  const errors = Array.from({ length: 50 }, (_, index) => coded(`attempt ${index}`, 'ECONNREFUSED'));
  const serialized = serializeError(new AggregateError(errors, 'all failed'));
  expect(serialized.errors).toHaveLength(10);
  expect(serialized.errors?.[0]).toMatchObject({ code: 'ECONNREFUSED', message: 'attempt 0' });
});

it('cuts a message that is too long', () => {
  expect(serializeError(new Error('x'.repeat(1_000_000))).message.length).toBeLessThan(3_000);
});

it.each([
  ['text', 'text'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [{ code: 'canary' }, 'An object that is no Error was thrown'],
])('says what else was thrown: %s', (thrown, message) => {
  expect(serializeError(thrown)).toEqual({ type: typeof thrown, message });
});
