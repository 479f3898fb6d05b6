import { expect, it } from 'vitest';
import { readConfig } from './config.js';

const secret = Buffer.alloc(32, 7).toString('base64');
const good = {
  FUMEHOOD_REDIS_URL: 'redis://127.0.0.1:6379',
  FUMEHOOD_SIGNING_KEYS: `new:${secret},old:${secret}`,
  FUMEHOOD_AUDIT_KEY: secret,
  FUMEHOOD_CONFIG_DIR: 'config',
  FUMEHOOD_RUNTIMES_DIR: 'images',
  FUMEHOOD_RUNTIMES_LOCK: 'runtimes.lock.json',
};

it('reads the environment, with a default for all that has one', () => {
  const config = readConfig(good);
  expect(config.FUMEHOOD_API_HOST).toBe('127.0.0.1');
  expect(config.FUMEHOOD_API_PORT).toBe(8420);
  expect(config.FUMEHOOD_QUEUE_PREFIX).toBe('{fumehood}');
  expect(config.FUMEHOOD_METRICS_PUBLIC).toBe(false);
  expect(config.FUMEHOOD_AUDIT_KEY).toHaveLength(32);
  expect(Object.isFrozen(config)).toBe(true);
});

it('signs with the first key and accepts all of them', () => {
  const { current, accepted } = readConfig(good).FUMEHOOD_SIGNING_KEYS;
  expect(current.id).toBe('new');
  expect(accepted.map(({ id }) => id)).toEqual(['new', 'old']);
});

it('names every variable that is missing', () => {
  expect(() => readConfig({})).toThrow(
    new RegExp(
      Object.keys(good)
        .map((name) => `(?=[^]*${name})`)
        .join(''),
    ),
  );
});

it.each([
  ['FUMEHOOD_REDIS_URL', 'http://127.0.0.1'],
  ['FUMEHOOD_SIGNING_KEYS', 'no-colon'],
  ['FUMEHOOD_SIGNING_KEYS', 'short:AAAA'],
  ['FUMEHOOD_AUDIT_KEY', 'not base64!'],
  ['FUMEHOOD_API_PORT', '70000'],
  ['FUMEHOOD_API_BODY_LIMIT_BYTES', '-1'],
  ['FUMEHOOD_METRICS_PUBLIC', 'perhaps'],
  ['FUMEHOOD_QUEUE_PREFIX', 'no-braces'],
  ['FUMEHOOD_LOG_LEVEL', 'loud'],
])('refuses %s=%s and names it, without repeating a secret', (name, value) => {
  expect(() => readConfig({ ...good, [name]: value })).toThrow(name);
});
