/** Encoders for the fields of a payload: integers are big-endian, a string is its length and its bytes. */

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);

export function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function string(value: string): Uint8Array {
  const text = Buffer.from(value);
  return payload(u32(text.length), text);
}

export const list = (values: readonly string[]): Uint8Array =>
  payload(u32(values.length), ...values.map(string));

export const payload = (...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat(fields);
