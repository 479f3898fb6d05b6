import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from './api-error.js';
import { problemOf } from './problem-reply.js';
import { problemKind } from './problems.js';

export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`;

/** Answers bytes that never became a request. There is no reply object yet, so the response is written out by hand. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const requestId = newRequestId();
  const problem = asProblem(error.code);
  const { status } = problemKind(problem.code);
  const body = JSON.stringify(problemOf(problem, requestId));
  if (socket.writable) {
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      `X-Request-Id: ${requestId}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

export interface ConnectionError extends Error {
  readonly code?: string;
}

function asProblem(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('request_timeout', 'The request did not arrive whole in time.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(
        'headers_too_large',
        'The header fields together are larger than this server takes.',
      );
    default:
      return new ApiError('malformed_http', 'What came in is no HTTP/1.1 request.');
  }
}
