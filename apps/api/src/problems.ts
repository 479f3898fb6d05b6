/** What a problem answers with, and what its section of docs/reference/errors.md says. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** When it happens. */
  readonly meaning: string;
  /** What the client does about it. */
  readonly fix: string;
  /** Sent as Retry-After; absent where trying again changes nothing. */
  readonly retryAfterSeconds?: number;
}

/** Every error that the API answers with. docs/reference/errors.md is rendered from this table. */
export const PROBLEMS = {
  malformed_http: {
    status: 400,
    title: 'Not an HTTP request',
    meaning: 'The bytes that came in are no HTTP/1.1 request, or its URL has a broken percent-encoding.',
    fix: 'Send a well-formed request; encode every path part with encodeURIComponent.',
  },
  malformed_json: {
    status: 400,
    title: 'Not JSON',
    meaning: 'The body is not one JSON document in UTF-8.',
    fix: 'Send JSON; put bytes that are not text into the fields whose names end in Base64.',
  },
  json_too_complex: {
    status: 400,
    title: 'JSON too complex',
    meaning: 'The body nests deeper, or holds more values, than any request needs.',
    fix: 'Put data into the content of files instead of into JSON structure.',
  },
  forbidden_key: {
    status: 400,
    title: 'Forbidden key',
    meaning:
      'An object in the body has a key that would reach a prototype: __proto__, or constructor with prototype in it.',
    fix: 'Leave the key out.',
  },
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    meaning:
      'The request is not of the form that the endpoint takes. `errors` names every part that is wrong.',
    fix: 'Correct each part that `errors` points to. Unknown keys are refused, not ignored.',
  },
  unauthenticated: {
    status: 401,
    title: 'No valid key',
    meaning: 'The request has no bearer key, or one that is not in tenants.yaml.',
    fix: 'Send `Authorization: Bearer <key>`.',
  },
  forbidden: {
    status: 403,
    title: 'Scope missing',
    meaning: 'The key is valid, and its scopes do not cover this endpoint.',
    fix: 'Use a key with the scope that `detail` names.',
  },
  not_found: {
    status: 404,
    title: 'No such endpoint',
    meaning: 'Nothing is at this path.',
    fix: 'See /docs for what there is.',
  },
  job_not_found: {
    status: 404,
    title: 'No such job',
    meaning:
      "No job of this tenant's has the id: it never was, its retention has passed, it was purged, or it is another tenant's. The answers are the same.",
    fix: 'Check the id, and fetch results within the retention that the policy gives.',
  },
  artifact_not_found: {
    status: 404,
    title: 'No such artifact',
    meaning: 'The job has no artifact at this path, or there is no such job.',
    fix: 'See `artifacts` in the result for what was collected, and `skippedArtifacts` for what was not.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists, and not with this method.',
    fix: 'Use one of the methods in the Allow header.',
  },
  request_timeout: {
    status: 408,
    title: 'Request too slow',
    meaning: 'The request did not arrive whole in time.',
    fix: 'Send it again, over a faster connection or in smaller parts.',
  },
  idempotency_conflict: {
    status: 409,
    title: 'Idempotency-Key in use',
    meaning: 'The Idempotency-Key was used before with another request.',
    fix: 'Use a new key for a new request; repeat a request unaltered.',
  },
  job_not_ended: {
    status: 409,
    title: 'Job not ended',
    meaning: 'Only a job that has ended can be purged.',
    fix: 'Cancel the job, wait for its end, then purge it.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    meaning: 'The body is larger than the server takes.',
    fix: 'Send less input with one job.',
  },
  url_too_long: {
    status: 414,
    title: 'URL too long',
    meaning: 'A part of the path is longer than anything that can be there.',
    fix: 'Check the path.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Not application/json',
    meaning: 'The body is declared to be something other than JSON.',
    fix: 'Send JSON with `Content-Type: application/json`.',
  },
  policy_denied: {
    status: 422,
    title: 'Denied by the policy',
    meaning:
      'The policy does not allow the request. `denials` has every reason, with its place. Nothing is ever clamped.',
    fix: 'Ask for what the policy allows, or have the policy changed. POST /v1/plan tries a request without running it.',
  },
  tenant_full: {
    status: 429,
    title: 'Queue full',
    meaning: 'As many of the tenant’s jobs wait as its maxQueued allows.',
    fix: 'Wait for jobs to start, then send it again.',
    retryAfterSeconds: 5,
  },
  too_many_streams: {
    status: 429,
    title: 'Too many open requests',
    meaning: 'The tenant holds as many event streams and waiting requests open as one API process allows.',
    fix: 'Close some, or ask again later.',
    retryAfterSeconds: 5,
  },
  headers_too_large: {
    status: 431,
    title: 'Headers too large',
    meaning: 'The header fields together are larger than the server takes.',
    fix: 'Send fewer or shorter headers.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning: 'The API failed in a way that it does not know. The log has it under the requestId.',
    fix: 'Report the requestId. With an Idempotency-Key the request can be repeated safely.',
  },
  unavailable: {
    status: 503,
    title: 'Queue unavailable',
    meaning:
      'Redis does not answer, or can not store anything. Jobs that were acknowledged with 202 are kept.',
    fix: 'Try again; with an Idempotency-Key no job is made twice.',
    retryAfterSeconds: 2,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    meaning: 'The API process has more to do than it can, and sheds load before it fails.',
    fix: 'Try again a little later.',
    retryAfterSeconds: 1,
  },
  draining: {
    status: 503,
    title: 'Shutting down',
    meaning: 'This API process is about to end and takes no new requests.',
    fix: 'Try again; another process answers.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** The row of the table, with its optional cells. */
export const problemKind = (code: ProblemCode): ProblemKind => PROBLEMS[code];
/** URI that names the problem; docs/reference/errors.md has a section for each. */
export const problemType = (code: ProblemCode): string => `https://fumehood.dev/problems/${code}`;
