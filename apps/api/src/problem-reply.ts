import { AUDIT_ERRORS, AuditError } from '@fumehood/audit';
import { QueueError, type QueueErrorCode } from '@fumehood/queue';
import type { Problem } from '@fumehood/schema';
import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.js';
import { type ProblemCode, problemKind, problemType } from './problems.js';

/** Where an error of the queue is nothing that a client can have caused or change, it is `internal`. */
const QUEUE_PROBLEMS: Readonly<Record<QueueErrorCode, ProblemCode>> = {
  unavailable: 'unavailable',
  tenant_full: 'tenant_full',
  idempotency_conflict: 'idempotency_conflict',
  too_large: 'body_too_large',
  job_unknown: 'job_not_found',
  cursor_invalid: 'invalid_request',
  refused: 'internal',
  misconfigured: 'internal',
  fenced: 'internal',
  corrupt: 'internal',
};

/** Errors of the HTTP framework, by their code. */
const FRAMEWORK_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than this server takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The body has to be application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed_http', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['malformed_http', 'The path has a broken percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['url_too_long', 'A part of the path is longer than anything that can be there.'],
  FST_ERR_HANDLER_TIMEOUT: ['unavailable', 'The answer took too long to make.'],
  ECONNRESET: ['malformed_http', 'The connection ended before the request did.'],
};

/** What the client is told of an error. What is not known here is `internal`, and tells nothing. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof QueueError) {
    const code = QUEUE_PROBLEMS[error.code];
    return new ApiError(code, problemKind(code).meaning, { cause: error });
  }
  if (error instanceof AuditError && AUDIT_ERRORS[error.code].retry) {
    return new ApiError(
      'unavailable',
      'The audit trail takes no entry now, and nothing is done unrecorded.',
      { cause: error },
    );
  }
  if (error instanceof Error && 'code' in error) {
    const [code, detail] = FRAMEWORK_PROBLEMS[String(error.code)] ?? [];
    if (code !== undefined && detail !== undefined) return new ApiError(code, detail, { cause: error });
  }
  return new ApiError('internal', 'The API failed in a way that it does not know.', { cause: error });
}

/** The body of an error response (RFC 9457). */
export function problemOf(error: ApiError, requestId?: string): Problem {
  const { status, title } = problemKind(error.code);
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
    ...(error.denials === undefined ? {} : { denials: [...error.denials] }),
  };
}

export function sendProblem(reply: FastifyReply, error: ApiError): FastifyReply {
  const { status, retryAfterSeconds } = problemKind(error.code);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  return reply
    .code(status)
    .headers(error.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error, reply.request.id)));
}
