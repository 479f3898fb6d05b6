import type { FastifyReply } from 'fastify';

/**
 * Ends the connection when nothing could be written for so long: a reader that stopped reading holds buffers and a place for
 * others. A stream that has nothing to say writes heartbeats, and so never stalls.
 */
export function cutOffStalledReader(reply: FastifyReply, stallTimeoutMs: number): void {
  reply.raw.setTimeout(stallTimeoutMs, () => reply.raw.destroy());
}
