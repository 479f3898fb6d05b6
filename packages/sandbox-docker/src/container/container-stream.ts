import type { Duplex } from 'node:stream';
import { type ByteStream, SandboxError } from '@fumehood/sandbox';
import { demultiplex } from './demultiplex.js';
import type { Diagnostic } from './diagnostic.js';

/** init's stdin and stdout over an attached connection. What it writes to stderr goes into the diagnostic, and from there into errors. */
export function containerStream(socket: Duplex, diagnostic: Diagnostic): ByteStream {
  const ended = (cause?: unknown) => {
    const said = diagnostic.text === '' ? '' : `; its init said: ${diagnostic.text}`;
    return new SandboxError('stream_ended', `The stream of the sandbox has ended${said}`, { cause });
  };

  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* demultiplex(socket, (chunk) => diagnostic.add(chunk));
    } catch (error) {
      // Destroyed by ourselves, together with the container: that is its end.
      if (socket.destroyed && socket.errored === null) return;
      throw error instanceof SandboxError ? error : ended(error);
    }
    // Whoever reads on expects more; this is the only place where the reason can be told.
    if (diagnostic.text !== '') throw ended();
  }

  return {
    readable: read(),
    write: (chunk) =>
      new Promise((resolve, reject) => {
        // Called when the kernel has taken the chunk: that is the back-pressure.
        socket.write(chunk, (error) => (error ? reject(ended(error)) : resolve()));
      }),
  };
}
