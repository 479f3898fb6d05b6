import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Policy } from './policy-schema.js';

/**
 * Digest of what a policy says, in canonical JSON (RFC 8785) with every default filled in: comments, order and spelling don't
 * change it, and a release with other built-in limits does.
 */
export function policyDigest(policy: Policy): string {
  return `sha256:${createHash('sha256')
    .update(canonicalize(policy) ?? '')
    .digest('hex')}`;
}
