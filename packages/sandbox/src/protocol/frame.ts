/** The unit of the control protocol, as packages/sandbox-init/PROTOCOL.md lays it out. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly channel: number;
  readonly payload: Uint8Array;
}

export const PROTOCOL_VERSION = 1;
export const HEADER_BYTES = 8;
export const MAX_PAYLOAD_BYTES = 65_536;

export const NO_BYTES = new Uint8Array(0);

/** One frame as bytes of its own. The payload is copied: a header and its payload leave in one write. */
export function encodeFrame(type: number, payload: Uint8Array = NO_BYTES, flags = 0): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new RangeError(`a payload of ${payload.length} bytes is too long`);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = type;
  bytes[1] = flags;
  new DataView(bytes.buffer).setUint32(4, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
