/**
 * Whether a path in the workspace matches a pattern. In a part `*` stands for any run of characters, `?` for one; a part that is `**`
 * stands for any number of parts, at the end of a pattern for at least one. sandbox-init matches by the same rules; this is the check of it.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const isSpan = (part: string) => part === '**';
  const patternParts = pattern.split('/');
  // A trailing `**` takes one part at least: the same as `**/*`.
  if (patternParts.at(-1) === '**') patternParts.push('*');
  return matches(patternParts, path.split('/'), isSpan, (part, name) =>
    matches(
      [...part],
      [...name],
      (c) => c === '*',
      (c, other) => c === '?' || c === other,
    ),
  );
}

/**
 * Matches a sequence against one with wildcards that take any run. On a mismatch only the last wildcard needs to take one item more, for
 * what an earlier one could take it can take too: so the time is at most the product of both lengths, whatever the pattern.
 */
function matches(
  pattern: readonly string[],
  items: readonly string[],
  isWildcard: (item: string) => boolean,
  isMatch: (pattern: string, item: string) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let afterWildcard = -1;
  let wildcardEnd = 0;
  while (next < items.length) {
    const wanted = pattern[at];
    const item = items[next];
    if (wanted !== undefined && isWildcard(wanted)) {
      afterWildcard = ++at;
      wildcardEnd = next;
    } else if (wanted !== undefined && item !== undefined && isMatch(wanted, item)) {
      at += 1;
      next += 1;
    } else if (afterWildcard >= 0) {
      at = afterWildcard;
      next = ++wildcardEnd;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every(isWildcard);
}
