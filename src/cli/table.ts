/** Rows as lines, every column as wide as its widest cell. Cells come already printable. */
export function tableLines(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const padded = (cell: string, width: number): string =>
  cell + ' '.repeat(Math.max(0, width - lengthOf(cell)));

/** What a person sees as one character counts as one. */
const lengthOf = (cell: string): number => [...segments.segment(cell)].length;

const segments = new Intl.Segmenter();
