/** Cuts or joins chunks to pieces of exactly `pieceBytes`; the last may be shorter, and is never empty. */
export async function* rechunk(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of content) {
    let rest = chunk;
    while (held + rest.byteLength >= pieceBytes) {
      const head = rest.subarray(0, pieceBytes - held);
      yield Buffer.concat([...parts, head]);
      rest = rest.subarray(head.byteLength);
      parts = [];
      held = 0;
    }
    if (rest.byteLength > 0) {
      parts.push(rest);
      held += rest.byteLength;
    }
  }
  if (held > 0) yield Buffer.concat(parts);
}
