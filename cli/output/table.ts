import { oneLine } from './style.ts';

export type Column<Row> = {
  title: string;
  value: (row: Row) => string;
  align?: 'right';
  /** Colours the padded cell. */
  style?: (cell: string, row: Row) => string;
};

/** Lines of a table with a header. The last column isn't padded, and may be as long as it is. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const pad = (text: string, index: number): string => {
    const width = widths[index] ?? 0;
    if (columns[index]?.align === 'right') return text.padStart(width);
    return index === columns.length - 1 ? text : text.padEnd(width);
  };
  const header = columns.map(({ title }, index) => pad(title, index)).join('  ');
  const lines = rows.map((row, at) =>
    columns
      .map(({ style }, index) => {
        const cell = pad(cells[at]?.[index] ?? '', index);
        return style ? style(cell, row) : cell;
      })
      .join('  '),
  );
  return [header, ...lines].map((line) => line.trimEnd());
}
