const SHOWN = 10;

/** Names in a sentence: the first few, and how many more there are. `none` when there are none. */
export function listed(names: readonly (string | number)[], none = 'none'): string {
  if (names.length === 0) return none;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}
