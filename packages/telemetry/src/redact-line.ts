const CENSORED = '[redacted]';

/** Fields that may hold code, environment, input or output of a job, or a key; at any depth of a line. Compared in lower case, without dashes. Numbers and booleans pass. */
const SENSITIVE_FIELDS: ReadonlySet<string> = new Set([
  'code',
  'content',
  'contentbase64',
  'files',
  'env',
  'environment',
  'args',
  'argv',
  'stdin',
  'stdinbase64',
  'stdout',
  'stderr',
  'output',
  'body',
  'payload',
  'authorization',
  'cookie',
  'cookies',
  'setcookie',
  'key',
  'keys',
  'apikey',
  'signingkeys',
  'auditkey',
  'privatekey',
  'secret',
  'secrets',
  'password',
  'passphrase',
  'token',
  'credentials',
  'signature',
  'idempotencykey',
]);

/** `code` names an error far more often than it holds source text: these are codes, as we and Node write them. */
const ERROR_CODE = /^(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)$/;
const MAX_ERROR_CODE = 64;

/** Secrets inside of texts, whatever field they are in: bearer keys, our API keys, passwords in URLs. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{20,}/gi, `$1 ${CENSORED}`],
  [/\bfh_[\w-]{6,}/g, CENSORED],
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'/@:]{0,256}):[^\s"'/@]{1,256}@/gi, `$1:${CENSORED}@`],
];

/** Would steer a terminal or turn text around when the raw line is looked at. JSON can escape every one of them. */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A JSON log line without what must not be logged. It works on the finished line: what leaves here is what was checked, whatever
 * serializers, child loggers and nested objects made of it.
 */
export function redactLine(line: string): string {
  return `${redactJson(line)}\n`.replace(STEERING, escapeCharacter);
}

function redactJson(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line, redactValue));
  } catch {
    return JSON.stringify({
      level: 'error',
      msg: 'A log line was dropped: it was not JSON, so it could not be redacted.',
    });
  }
}

function redactValue(name: string, value: unknown): unknown {
  if (isSensitive(name, value)) return CENSORED;
  if (typeof value !== 'string') return value;
  return SECRET_TEXTS.reduce((text, [pattern, censored]) => text.replace(pattern, censored), value);
}

function isSensitive(name: string, value: unknown): boolean {
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return false;
  const field = name.toLowerCase().replaceAll(/[_-]/g, '');
  if (!SENSITIVE_FIELDS.has(field) && !/^fumehood(?:signingkeys|auditkey|redisurl|apikey)$/.test(field))
    return false;
  if (field !== 'code') return true;
  return typeof value !== 'string' || value.length > MAX_ERROR_CODE || !ERROR_CODE.test(value);
}

const escapeCharacter = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
