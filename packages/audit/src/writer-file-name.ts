import { AuditError } from './audit-error.js';

/** File systems allow 255 bytes; the stores' own suffixes need some of them. */
const MAX_NAME_BYTES = 200;

/**
 * A file name for a writer, one to one: lower-case letters, digits, dashes and inner dots stand for themselves, every other byte
 * is `%` and two hexadecimal digits. So no name is hidden, leaves the folder, or meets another on a file system without case.
 */
export function writerFileName(writer: string): string {
  const encoded = [...Buffer.from(writer, 'utf8')]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      const plain = index === 0 ? /[a-z0-9]/ : /[a-z0-9.-]/;
      return plain.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  if (encoded !== '' && encoded.length <= MAX_NAME_BYTES) return encoded;
  throw new AuditError('writer_invalid', `The writer's name is empty or too long for a file name.`);
}

/** The writer that a file name stands for; `undefined` when `writerFileName` would never have made it. */
export function writerOfFileName(name: string): string | undefined {
  const bytes = name.match(/%[0-9a-f]{2}|[\s\S]/g) ?? [];
  const decoded = Buffer.from(
    bytes.map((part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0))),
  ).toString('utf8');
  try {
    return writerFileName(decoded) === name ? decoded : undefined;
  } catch {
    return undefined;
  }
}
