import { z } from 'zod';
import { QueueError } from '../queue-error.js';

export interface SigningKey {
  readonly id: string;
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
}

/** `current` signs; it and every accepted key verify. To rotate: accept the new key everywhere, make it current, drop the old one. */
export interface SigningKeys {
  readonly current: SigningKey;
  readonly accepted: readonly SigningKey[];
}

const MIN_SECRET_BYTES = 32;

/** Throws QueueError `misconfigured` for keys that must not be used. */
export function assertSigningKeys({ current, accepted }: SigningKeys): void {
  const ids = new Set<string>();
  for (const { id, secret } of [current, ...accepted.filter((key) => key.id !== current.id)]) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id))
      throw new QueueError('misconfigured', 'A signing key has no usable id');
    if (ids.has(id)) throw new QueueError('misconfigured', `Two signing keys have the id ${id}`);
    ids.add(id);
    if (secret.byteLength < MIN_SECRET_BYTES) {
      throw new QueueError(
        'misconfigured',
        `The signing key ${id} is shorter than ${MIN_SECRET_BYTES} bytes`,
      );
    }
  }
}

export const findKey = (keys: SigningKeys, id: string): SigningKey | undefined =>
  [keys.current, ...keys.accepted].find((key) => key.id === id);

/**
 * Reads keys as they stand in an environment variable: `id:base64`, several with commas; the first one is current.
 * Throws QueueError `misconfigured`; the message never holds a secret.
 */
export function parseSigningKeys(text: string): SigningKeys {
  const accepted = text.split(',').map((pair) => {
    const [id = '', secret = ''] = pair.split(':');
    return { id, secret: Uint8Array.from(Buffer.from(secret, 'base64')) };
  });
  const [current] = accepted;
  if (current === undefined) throw new QueueError('misconfigured', 'There is no signing key');
  const keys = { current, accepted };
  assertSigningKeys(keys);
  return keys;
}

/** The same for a configuration: what is wrong with the keys becomes what is wrong with the variable. */
export const SigningKeysSchema = z
  .string()
  .regex(
    /^[\w-]+:[A-Za-z0-9+/=]+(?:,[\w-]+:[A-Za-z0-9+/=]+)*$/,
    'expected id:base64, or several of them with commas',
  )
  .transform((text, context): SigningKeys => {
    try {
      return parseSigningKeys(text);
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
