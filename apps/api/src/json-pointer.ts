/** Longest key that is shown of what a client sent. */
const MAX_SHOWN_PART = 128;

/** A JSON Pointer (RFC 6901), such as `/files/0/path`. Keys that only a hostile client sends are cut short. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).slice(0, MAX_SHOWN_PART).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
