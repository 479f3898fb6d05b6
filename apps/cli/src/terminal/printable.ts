// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of a job made safe for a terminal: nothing in it can move the cursor, change colours or turn letters around. */
export const printable = (text: string): string => text.replaceAll('\t', '    ').replace(STEERING, '·');

const MOST_LINES = 12;
const MOST_COLUMNS = 110;

/** A job's output for a person to see: its lines, or the first and last of them. */
export function excerpt(text: string): readonly string[] {
  const lines = printable(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => (line.length > MOST_COLUMNS ? `${line.slice(0, MOST_COLUMNS)}…` : line));
  if (lines.length <= MOST_LINES) return lines;
  return [
    ...lines.slice(0, 2),
    `… ${(lines.length - 4).toLocaleString('en')} more lines …`,
    ...lines.slice(-2),
  ];
}
