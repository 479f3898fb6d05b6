import type { FastifyReply } from 'fastify';

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** On every answer: nothing of the API is a page, to be framed, cached or guessed at. There is no CORS header: other origins get nothing. */
export function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers({ ...HEADERS, 'x-request-id': reply.request.id });
}
