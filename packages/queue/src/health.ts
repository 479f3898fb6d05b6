import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { asQueueError, QueueError } from './queue-error.js';

export const HEALTH_CHECKS = ['ping', 'version', 'maxmemory_policy', 'persistence'] as const;

const ANSWER_TIMEOUT_MS = 3_000;

/** One finding about Redis. `error`: the fleet must not run on it; `warning`: it may, at a risk. */
export interface HealthFinding {
  readonly check: (typeof HEALTH_CHECKS)[number];
  readonly ok: boolean;
  readonly severity: 'error' | 'warning';
  readonly detail: string;
  /** What to do about it; empty when it is ok. */
  readonly fix: string;
}

/** Looks Redis over. Does not throw: a Redis that does not answer is a finding. */
export async function readHealth(redis: Redis): Promise<readonly HealthFinding[]> {
  const started = performance.now();
  try {
    const info = parseInfo(await withinTime(redis.info()));
    const ms = Math.round(performance.now() - started);
    return [finding('ping', true, `Redis answers in ${ms} ms`, ''), ...judge(info)];
  } catch (error) {
    const reason = asQueueError(error);
    const detail = reason instanceof Error ? reason.message : String(reason);
    return [finding('ping', false, detail, 'Start Redis, or set the right FUMEHOOD_REDIS_URL.')];
  }
}

/** A patient connection would wait for as long as Redis is away. */
async function withinTime<T>(answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const tooLate = delay(ANSWER_TIMEOUT_MS, undefined, { signal: stop.signal }).then(() => {
    throw new QueueError('unavailable', `Redis did not answer within ${ANSWER_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    stop.abort();
    tooLate.catch(() => undefined);
  }
}

function judge(info: ReadonlyMap<string, string>): readonly HealthFinding[] {
  const version = info.get('redis_version') ?? 'unknown';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  return [
    finding('version', isAtLeast(version, 6, 2), `Redis ${version}`, 'Run Redis 6.2 or newer.'),
    finding(
      'maxmemory_policy',
      policy === 'noeviction',
      `maxmemory-policy is ${policy}`,
      'Set maxmemory-policy noeviction: with any other one Redis silently drops jobs when its memory is full.',
    ),
    judgePersistence(info),
  ];
}

function judgePersistence(info: ReadonlyMap<string, string>): HealthFinding {
  const fix = 'Set appendonly yes: without it acknowledged jobs are lost when Redis stops.';
  if (info.get('aof_enabled') !== '1')
    return finding('persistence', false, 'The append-only file is off', fix, 'warning');
  const write = info.get('aof_last_write_status');
  return finding(
    'persistence',
    write === 'ok',
    `The append-only file is on, last write ${write}`,
    'Free the disk that Redis writes to.',
    'warning',
  );
}

const finding = (
  check: HealthFinding['check'],
  ok: boolean,
  detail: string,
  fix: string,
  severity: HealthFinding['severity'] = 'error',
): HealthFinding => ({ check, ok, severity, detail, fix: ok ? '' : fix });

const parseInfo = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/^([^#:\r\n]+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]));

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [have = 0, haveMinor = 0] = version.split('.').map(Number);
  return have > major || (have === major && haveMinor >= minor);
}
