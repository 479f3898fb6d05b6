import { type Problem, ProblemSchema } from '@fumehood/schema';
import { type Exchange, exchange, type Fetch } from './exchange.js';
import { FumehoodError, invalidArgument } from './fumehood-error.js';
import { badResponse } from './parse-answer.js';
import { backoffMs, pause } from './pause.js';
import { readBytes } from './read-bytes.js';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path below the API's URL, with its parts encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Time that the server may take beyond the usual, such as a wait that was asked for. */
  readonly extraTimeoutMs?: number;
  /** Whether sending it twice does no more than sending it once: then it is tried again after 429, 502, 503, 504 and broken connections. */
  readonly isIdempotent: boolean;
}

export interface ApiCaller {
  /** The response to a call that went well, with its body under way. */
  open(call: ApiCall): Promise<Exchange>;
  /** The JSON of the response; undefined for 204. */
  json(call: ApiCall): Promise<unknown>;
}

export interface CallerOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 8_000;
/** A server that asks for a longer pause gets none: the caller is told, and decides. */
const LONGEST_RETRY_AFTER_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_PROBLEM_BYTES = 1024 * 1024;

export function apiCaller({ url, apiKey, fetch, timeoutMs, maxRetries }: CallerOptions): ApiCaller {
  async function once(call: ApiCall): Promise<Exchange> {
    const { method, path, query = {}, headers = {}, body, signal, extraTimeoutMs = 0 } = call;
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
    const response = await exchange(fetch, {
      url: `${url}${path}${search.size === 0 ? '' : `?${search}`}`,
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: toJson(body) }),
      timeoutMs: timeoutMs + extraTimeoutMs,
      signal,
    });
    if (response.status >= 200 && response.status <= 299) return response;
    throw await errorOf(response);
  }

  async function withRetries<T>(call: ApiCall, attemptOnce: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await attemptOnce();
      } catch (error) {
        const waitMs = call.isIdempotent && attempt < maxRetries ? retryDelayMs(error, attempt) : undefined;
        if (waitMs === undefined) throw error;
        await pause(waitMs, call.signal);
      }
    }
  }

  return {
    open: (call) => withRetries(call, () => once(call)),
    json: (call) =>
      withRetries(call, async () => {
        const response = await once(call);
        const bytes = await readBytes(response.body, MAX_ANSWER_BYTES);
        return response.status === 204 ? undefined : parseJson(bytes);
      }),
  };
}

/** How long to wait before the next try; undefined when another would not help. */
export function retryDelayMs(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof FumehoodError)) return undefined;
  if (error.code !== 'network' && !RETRIED_STATUSES.has(error.status ?? 0)) return undefined;
  const backoff = backoffMs(attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS);
  if (error.retryAfterMs === undefined) return backoff;
  return error.retryAfterMs > LONGEST_RETRY_AFTER_MS ? undefined : Math.max(error.retryAfterMs, backoff);
}

async function errorOf(response: Exchange): Promise<FumehoodError> {
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
  const problem = await readProblem(response);
  return problem === undefined
    ? new FumehoodError('http_error', `The server answered ${status} without problem details.`, {
        status,
        retryAfterMs,
      })
    : new FumehoodError(problem.code, `${problem.title}: ${problem.detail}`, {
        status,
        problem,
        retryAfterMs,
      });
}

async function readProblem(response: Exchange): Promise<Problem | undefined> {
  try {
    const parsed = ProblemSchema.safeParse(parseJson(await readBytes(response.body, MAX_PROBLEM_BYTES)));
    return parsed.data;
  } catch (error) {
    // The status is what matters; a body that can't be read only says less about it.
    if (error instanceof FumehoodError) return undefined;
    throw error;
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw invalidArgument('The request can not be written as JSON.', cause);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badResponse('The answer is not JSON.', cause);
  }
}
