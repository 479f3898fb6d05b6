import { SandboxError } from '@fumehood/sandbox';

/** Of a frame: stream, three zero bytes, length in big-endian. */
const HEADER_BYTES = 8;
const STDOUT = 1;
const STDERR = 2;
/** The daemon itself has something to say. */
const SYSTEM_ERROR = 3;

/**
 * Takes the engine's multiplexed stream apart: yields the container's stdout, and hands its stderr to a callback. Iterative, so that no
 * number of frames in a chunk can exhaust the stack; nothing is read ahead of the consumer; what it holds is at most one chunk.
 */
export async function* demultiplex(
  source: AsyncIterable<Uint8Array>,
  onStderr: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let payloadBytes = 0;
  for await (const chunk of source) {
    const stdout: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (payloadBytes === 0) {
        const part = chunk.subarray(at, at + HEADER_BYTES - headerBytes);
        header.set(part, headerBytes);
        headerBytes += part.length;
        at += part.length;
        if (headerBytes < HEADER_BYTES) break;
        headerBytes = 0;
        payloadBytes = checkedLength(header);
        continue;
      }
      const part = chunk.subarray(at, at + payloadBytes);
      payloadBytes -= part.length;
      at += part.length;
      if (header[0] === STDOUT) stdout.push(part);
      else onStderr(part);
    }
    const [only, second] = stdout;
    if (only !== undefined) yield second === undefined ? only : Buffer.concat(stdout);
  }
  if (headerBytes > 0 || payloadBytes > 0) {
    throw new SandboxError(
      'stream_ended',
      'The engine cut the stream of the sandbox in the middle of a frame',
    );
  }
}

function checkedLength(header: Buffer): number {
  const stream = header[0] ?? 0;
  const known = stream === STDOUT || stream === STDERR || stream === SYSTEM_ERROR;
  if (!known || header.readUIntBE(1, 3) !== 0) {
    throw new SandboxError(
      'engine_failed',
      'The engine sent something else than the multiplexed stream of a container',
    );
  }
  return header.readUInt32BE(4);
}
