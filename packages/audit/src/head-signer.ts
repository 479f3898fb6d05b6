import { createHmac, timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';
import { AuditError } from './audit-error.js';
import { type AuditHead, AuditHeadSchema } from './audit-store.js';

const MIN_KEY_BYTES = 16;

export interface HeadSigner {
  sign(head: Omit<AuditHead, 'signature'>): AuditHead;
  /** The head when it is one, is of this writer, and is signed with this key. Compares in constant time. */
  verify(stored: unknown, writer: string): AuditHead | undefined;
}

/** HMAC-SHA256 over the canonical head, with a prefix that keeps the signature from being one of anything else. */
export function headSigner(key: Uint8Array): HeadSigner {
  if (key.byteLength < MIN_KEY_BYTES) {
    throw new AuditError(
      'key_too_short',
      `The audit key has ${key.byteLength} bytes; at least ${MIN_KEY_BYTES} are needed.`,
    );
  }
  // A copy: the caller may clear its own.
  const secret = Buffer.from(key);
  const mac = ({ writer, sequence, hash }: Omit<AuditHead, 'signature'>) =>
    createHmac('sha256', secret)
      .update(`fumehood-audit-head-v1\n${canonicalize({ writer, sequence, hash })}`)
      .digest();

  return {
    sign: ({ writer, sequence, hash }) => ({
      writer,
      sequence,
      hash,
      signature: `hmac-sha256:${mac({ writer, sequence, hash }).toString('hex')}`,
    }),
    verify(stored, writer) {
      const head = AuditHeadSchema.safeParse(stored);
      if (!head.success || head.data.writer !== writer) return undefined;
      const given = Buffer.from(head.data.signature.slice('hmac-sha256:'.length), 'hex');
      return timingSafeEqual(given, mac(head.data)) ? head.data : undefined;
    },
  };
}
