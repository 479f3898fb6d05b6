import type { OutputStream } from '../driver.js';

/**
 * Lets the first `limitBytes` of each stream through, counted over compilation and run together, and says so when there are more.
 * What `pass` returns is the back-pressure, and is returned.
 */
export function createOutputGate(
  limitBytes: number,
  pass: (stream: OutputStream, bytes: Uint8Array) => void | Promise<void>,
  onExceeded: () => void,
): (stream: OutputStream, bytes: Uint8Array) => void | Promise<void> {
  const roomBytes = { stdout: limitBytes, stderr: limitBytes };
  return (stream, bytes) => {
    const room = roomBytes[stream];
    const allowed = bytes.length <= room ? bytes : bytes.subarray(0, room);
    roomBytes[stream] -= allowed.length;
    const taken = allowed.length === 0 ? undefined : pass(stream, allowed);
    if (allowed.length < bytes.length) onExceeded();
    return taken;
  };
}
