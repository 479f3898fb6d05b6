import type { FastifyReply } from 'fastify';
import { ApiError } from './api-error.js';

/** A request that is held open: an event stream, or one that waits for a result. */
export interface HeldRequest extends Disposable {
  /** Aborts when the client has gone, when the server drains, and when the request is disposed. */
  readonly signal: AbortSignal;
  abort(): void;
}

/** Bounds and ends what is held open. */
export interface HeldRequests {
  /** Throws ApiError too_many_streams, or draining. The place is given back when the response closes, or by disposing it. */
  enter(tenant: string, reply: FastifyReply): HeldRequest;
  /** Ends all that is held open, and lets nothing in any more. */
  drain(): void;
  isDraining(): boolean;
  count(): number;
}

export function heldRequests(maxPerTenant: number): HeldRequests {
  const heldBy = new Map<string, Set<AbortController>>();
  let draining = false;

  function enter(tenant: string, reply: FastifyReply): HeldRequest {
    if (draining) throw new ApiError('draining', 'This server is about to end; ask another one.');
    const held = heldBy.get(tenant) ?? new Set();
    if (held.size >= maxPerTenant) {
      const detail = `The tenant holds ${held.size} requests open, and ${maxPerTenant} is the most.`;
      throw new ApiError('too_many_streams', detail);
    }
    const controller = new AbortController();
    heldBy.set(tenant, held.add(controller));
    const leave = () => {
      controller.abort();
      held.delete(controller);
      if (held.size === 0 && heldBy.get(tenant) === held) heldBy.delete(tenant);
    };
    // Not the request's `close`: that one comes when its body was read.
    reply.raw.once('close', leave);
    return { signal: controller.signal, abort: () => controller.abort(), [Symbol.dispose]: leave };
  }

  return {
    enter,
    drain() {
      draining = true;
      for (const held of heldBy.values()) for (const controller of held) controller.abort();
    },
    isDraining: () => draining,
    count: () => [...heldBy.values()].reduce((sum, held) => sum + held.size, 0),
  };
}
