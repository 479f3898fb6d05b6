import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'fh_';

/** A new API key of 256 random bits. It is shown once; what is stored is `sha256`. */
export function generateApiKey(): { readonly key: string; readonly sha256: string } {
  const key = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { key, sha256: hashApiKey(key) };
}

/**
 * What `FleetConfig.keys` is looked up by. A plain hash is enough, as keys are random and long; and looking a hash up tells an
 * attacker who measures time nothing about a key.
 */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
