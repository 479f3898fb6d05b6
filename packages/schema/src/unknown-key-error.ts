import type { z } from 'zod';

/** Names that are shown of what a client sent; it may have sent a million. */
const SHOWN = 5;

/**
 * An error map for `z.strictObject`: an unknown key is answered with the keys that there are.
 * The message stays short whatever came in.
 */
export function unknownKeyError(knownKeys: readonly string[]) {
  return (issue: z.core.$ZodRawIssue): string | undefined => {
    if (issue.code !== 'unrecognized_keys') return undefined;
    const shown = issue.keys.slice(0, SHOWN).map((key) => JSON.stringify(key.slice(0, 64)));
    const more = issue.keys.length > SHOWN ? ` and ${issue.keys.length - SHOWN} more` : '';
    return `unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${shown.join(', ')}${more}; known here: ${knownKeys.join(', ')}`;
  };
}
