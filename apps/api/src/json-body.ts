import { ApiError } from './api-error.js';
import { jsonPointer } from './json-pointer.js';

/** Deeper than any request needs: files[0].path is 3 deep. */
export const MAX_JSON_DEPTH = 16;
/** A request of 1,000 files with every field, 256 arguments and 256 variables has some 10,000 values and keys. */
export const MAX_JSON_VALUES = 20_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a request body. What it returns nests at most MAX_JSON_DEPTH deep, has at most MAX_JSON_VALUES values, and no key of it
 * reaches a prototype. Throws ApiError otherwise, before anything large was made of it. An empty body is `undefined`.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  refuseComplexity(body);
  let text: string;
  try {
    text = utf8.decode(body);
  } catch (cause) {
    throw new ApiError('malformed_json', 'The body is not valid UTF-8.', { cause });
  }
  const value = parseText(text);
  refusePrototypeKeys(value);
  return value;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The engine's message quotes the body, which may hold a secret; only the position is passed on.
    const position = /position (\d+)/.exec(String(cause))?.[1];
    const where = position === undefined ? '' : ` at character ${position}`;
    throw new ApiError('malformed_json', `The body is not valid JSON${where}.`);
  }
}

/**
 * JSON.parse makes own properties of these keys, which are harmless until something copies the object.
 * `constructor` alone is a fine name, of an environment variable say.
 */
function refusePrototypeKeys(root: unknown): void {
  const pending: { readonly value: unknown; readonly path: readonly string[] }[] = [
    { value: root, path: [] },
  ];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { value, path } = node;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      const childPath = [...path, key];
      if (key === '__proto__' || (key === 'prototype' && path.at(-1) === 'constructor')) {
        throw new ApiError('forbidden_key', 'The body has a key that would reach a prototype.', {
          errors: [{ path: jsonPointer(childPath), message: 'this key is refused' }],
        });
      }
      pending.push({ value: child, path: childPath });
    }
  }
}

/** One pass over the bytes, before the parser makes objects of them. Strings are skipped with a native search. */
function refuseComplexity(body: Buffer): void {
  let depth = 0;
  let values = 1;
  for (let index = 0; index < body.length; index++) {
    switch (body[index]) {
      case QUOTE:
        index = endOfString(body, index);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        values += 1;
        if (depth > MAX_JSON_DEPTH) {
          throw new ApiError('json_too_complex', `The body nests deeper than ${MAX_JSON_DEPTH} levels.`);
        }
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
        break;
      case COMMA:
      case COLON:
        values += 1;
        if (values > MAX_JSON_VALUES) {
          throw new ApiError(
            'json_too_complex',
            `The body has more than ${MAX_JSON_VALUES} values and keys.`,
          );
        }
        break;
    }
  }
}

/** Index of the quote that closes the string opened at `start`, or the body's end. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(QUOTE, start + 1); end !== -1; end = body.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (body[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return body.length;
}
