const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface EncodedOutput {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

/** Bytes as text when they are valid UTF-8, otherwise as base64. */
export function encodeOutput(bytes: Uint8Array): EncodedOutput {
  try {
    return { encoding: 'utf8', data: UTF8.decode(bytes) };
  } catch {
    return { encoding: 'base64', data: Buffer.from(bytes).toString('base64') };
  }
}

/** How many bytes at the end begin a UTF-8 character that is not complete: 0 to 3. Bytes that can begin none count as complete. */
export function incompleteTail(bytes: Uint8Array): number {
  const longest = Math.min(3, bytes.byteLength);
  for (let length = 1; length <= longest; length++) {
    const byte = bytes[bytes.byteLength - length] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const expected =
      byte >= 0xf0 && byte <= 0xf4
        ? 4
        : byte >= 0xe0 && byte < 0xf0
          ? 3
          : byte >= 0xc2 && byte < 0xe0
            ? 2
            : 1;
    return expected > length ? length : 0;
  }
  return 0;
}
