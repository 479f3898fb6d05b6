import { request } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Attaches to a container that is about to start; the connection then carries its stdin, and its stdout and stderr multiplexed.
 *
 * Not through dockerode: it sends its options as a body ahead of the upgrade, and whether a daemon takes those bytes for the beginning of
 * the container's stdin depends on how they were cut into packets.
 */
export function attachStream(socketPath: string, name: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const attach = request({
      socketPath,
      agent: false,
      method: 'POST',
      path: `/containers/${encodeURIComponent(name)}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
      headers: { Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Length': 0 },
    });
    const onAbort = () => attach.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    attach.once('close', () => signal.removeEventListener('abort', onAbort));
    attach.once('error', reject);
    attach.once('upgrade', (_response, socket, head) => {
      signal.removeEventListener('abort', onAbort);
      // Until someone reads and writes: an error without a listener would end the process.
      socket.on('error', () => undefined);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    attach.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        if (text.length < 10_000) text += part;
      });
      response.once('error', reject);
      response.once('end', () => reject(new AttachRefused(response.statusCode ?? 0, text)));
    });
    attach.end();
  });
}

/** An answer instead of the upgrade, in the form of dockerode's errors. */
class AttachRefused extends Error {
  override readonly name = 'AttachRefused';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
