import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';

export interface BodyBudget {
  /** Throws ApiError overloaded when the bodies held leave no room. Given back when the response closes, or by `release`. */
  reserve(request: FastifyRequest, reply: FastifyReply): void;
  /** The body is needed no longer, though the request goes on. */
  release(request: FastifyRequest): void;
}

/**
 * Bounds the memory that request bodies take at once. One tenant gets at most half of it, so that slow uploads of one don't
 * lock out the others.
 */
export function bodyBudget(totalBytes: number, bodyLimitBytes: number): BodyBudget {
  const heldBy = new Map<string, number>();
  const reserved = new WeakMap<FastifyRequest, { readonly tenant: string; readonly bytes: number }>();
  let heldBytes = 0;

  const add = (tenant: string, bytes: number) => {
    const held = (heldBy.get(tenant) ?? 0) + bytes;
    heldBytes += bytes;
    if (held === 0) heldBy.delete(tenant);
    else heldBy.set(tenant, held);
  };

  function release(request: FastifyRequest): void {
    const reservation = reserved.get(request);
    if (reservation === undefined) return;
    reserved.delete(request);
    add(reservation.tenant, -reservation.bytes);
  }

  return {
    reserve(request, reply) {
      const tenant = request.caller?.tenant ?? '';
      const bytes = announcedBytes(request, bodyLimitBytes);
      const held = heldBy.get(tenant) ?? 0;
      // A single body always fits an idle server, whatever the numbers are.
      if (heldBytes > 0 && (heldBytes + bytes > totalBytes || held + bytes > totalBytes / 2)) {
        throw new ApiError('overloaded', 'The server holds as many request bodies as it can.');
      }
      add(tenant, bytes);
      reserved.set(request, { tenant, bytes });
      reply.raw.once('close', () => release(request));
    },
    release,
  };
}

/** What the request says that its body has; without Content-Length it may be as long as is allowed. */
function announcedBytes({ headers }: FastifyRequest, bodyLimitBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimitBytes;
  const length = Number(headers['content-length'] ?? 0);
  return Number.isFinite(length) ? Math.min(length, bodyLimitBytes) : bodyLimitBytes;
}
