export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts a colour
const COLOUR = /\u001b\[\d+m/g;
const width = (text: string) => [...text.replace(COLOUR, '')].length;

/** Lines of a table with aligned columns, two blanks between them. Cells may be coloured. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => width(line[index] ?? ''))));
  return lines.map((line) =>
    columns
      .map((column, index) => {
        const cell = line[index] ?? '';
        const padding = ' '.repeat((widths[index] ?? 0) - width(cell));
        return column.align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}
