const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+|\p{Cs}/gu;

/** Text of others, made safe for messages and logs: one line, no control or bidirectional characters, bounded in length. */
export function safeText(text: string, maxLength = 500): string {
  // Cut first, so that a megabyte is not searched; a surrogate that the cut tears apart is replaced.
  const line = text.slice(0, maxLength).replace(UNSAFE, ' ').trim();
  return text.length > maxLength ? `${line}…` : line;
}
