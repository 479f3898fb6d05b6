import { JobSchema, JobSummarySchema, RuntimeSchema, WorkerHeartbeatSchema } from '@fumehood/schema';
import { openArtifact } from './artifact.js';
import { type ApiCall, apiCaller } from './call-api.js';
import type { CallOptions, Client, ListOptions, WaitOptions } from './client.js';
import type { Fetch } from './exchange.js';
import { parseAuditReport, parsePlanAnswer, parsePolicies } from './fleet-answers.js';
import { followEvents } from './follow-events.js';
import { invalidArgument } from './fumehood-error.js';
import { idempotencyKey } from './idempotency-key.js';
import { jobEnding } from './job-ending.js';
import { jobPath } from './job-path.js';
import { badResponse, parseAnswer, parseList, property } from './parse-answer.js';
import { runJob } from './run-job.js';

export interface ClientOptions {
  /** Where the API is, such as `https://fumehood.example.com`. */
  readonly url: string;
  readonly apiKey: string;
  /** The global fetch when absent. */
  readonly fetch?: Fetch | undefined;
  /** Longest that the server may be silent in a call, in milliseconds; 30,000 when absent. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is tried again after 429, 502, 503, 504 and broken connections, where that is safe; 4 when absent. */
  readonly maxRetries?: number | undefined;
}

const MAX_WAIT_MS = 120_000;

/** A client of one API, for one key. Holds nothing open between calls. */
export function createClient(options: ClientOptions): Client {
  const { apiKey, fetch = globalThis.fetch, timeoutMs = 30_000, maxRetries = 4 } = options;
  // RFC 9110 field values; anything else would make every request fail with a message about headers.
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw invalidArgument('The API key has to be printable ASCII without spaces.');
  const api = apiCaller({ url: checkUrl(options.url), apiKey, fetch, timeoutMs, maxRetries });
  const read = (
    path: string,
    { signal }: CallOptions,
    more: Pick<ApiCall, 'query' | 'extraTimeoutMs'> = {},
  ) => api.json({ method: 'GET', path, signal, isIdempotent: true, ...more });

  const client: Client = {
    async submit(request, { idempotencyKey: key = idempotencyKey(), signal, ...wait } = {}) {
      if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(key)) {
        throw invalidArgument('An idempotency key is 1 to 128 printable ASCII characters.');
      }
      const answer = await api.json({
        method: 'POST',
        path: '/v1/jobs',
        headers: { 'idempotency-key': key },
        body: request,
        signal,
        isIdempotent: true,
        ...waiting(wait),
      });
      return parseAnswer(JobSchema, answer, 'job');
    },

    run: (request, runOptions = {}) => runJob(client, request, runOptions),

    async get(jobId, getOptions = {}) {
      return parseAnswer(JobSchema, await read(jobPath(jobId), getOptions, waiting(getOptions)), 'job');
    },

    async *list({ signal, ...filter } = {}) {
      let cursor: string | undefined;
      do {
        const query = listQuery(filter, cursor);
        const page = await read('/v1/jobs', { signal }, { query });
        yield* parseList(JobSummarySchema, page, 'jobs');
        const next = property(page, 'nextCursor');
        if (next !== null && typeof next !== 'string') throw badResponse('The answer has no nextCursor.');
        if (next === cursor) throw badResponse('The server gives the same page again and again.');
        cursor = next ?? undefined;
      } while (cursor !== undefined);
    },

    ...jobEnding(api),

    async *events(jobId, followOptions = {}) {
      yield* followEvents(api, jobPath(jobId), followOptions);
    },

    artifact: async (jobId, path, callOptions = {}) =>
      await openArtifact(api, jobPath(jobId), path, callOptions),

    async plan(request, { signal } = {}) {
      return parsePlanAnswer(
        await api.json({ method: 'POST', path: '/v1/plan', body: request, signal, isIdempotent: true }),
      );
    },

    runtimes: async (callOptions = {}) =>
      parseList(RuntimeSchema, await read('/v1/runtimes', callOptions), 'runtimes'),
    workers: async (callOptions = {}) =>
      parseList(WorkerHeartbeatSchema, await read('/v1/workers', callOptions), 'workers'),
    policies: async (callOptions = {}) => parsePolicies(await read('/v1/policies', callOptions)),
    audit: async (callOptions = {}) =>
      parseAuditReport(await read('/v1/audit', callOptions, { extraTimeoutMs: MAX_WAIT_MS })),
  };

  return client;
}

/** The URL without a slash at its end. */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw invalidArgument(
      `${JSON.stringify(text)} is not the http or https URL of an API, without a query and a user name.`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

function waiting({ waitMs }: WaitOptions): Pick<ApiCall, 'query' | 'extraTimeoutMs'> {
  if (waitMs === undefined) return {};
  if (!Number.isInteger(waitMs) || waitMs < 0 || waitMs > MAX_WAIT_MS) {
    throw invalidArgument(`waitMs has to be a whole number up to ${MAX_WAIT_MS}.`);
  }
  return { query: { wait: `${waitMs}ms` }, extraTimeoutMs: waitMs };
}

const listQuery = (
  { state, runtime, label, pageSize }: Omit<ListOptions, 'signal'>,
  cursor: string | undefined,
) => ({
  state,
  runtime,
  label,
  limit: pageSize === undefined ? undefined : String(pageSize),
  cursor,
});
