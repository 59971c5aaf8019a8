import type { Io } from '../io.ts';
import { createStyle, type Style } from './style.ts';
import { type Column, renderTable } from './table.ts';

/** Where a verb's results go: data to standard output, everything about the work itself to standard error. */
export type Output = {
  /** Whether the caller asked for JSON: then `data` is the only thing on standard output. */
  isJson: boolean;
  style: Style;
  /** A line for people on standard output. Not written with `--json`. */
  line(text?: string): void;
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** The result for machines. Written with `--json` only. */
  data(value: unknown): void;
  /** A line about the work, such as progress or a warning, on standard error. */
  note(text: string): void;
};

export function createOutput(io: Io, { json = false }: { json?: boolean } = {}): Output {
  const style = createStyle(io.stdout, io.env);
  const line = (text = ''): void => {
    if (!json) io.stdout.write(`${text}\n`);
  };
  return {
    isJson: json,
    style,
    line,
    table(columns, rows) {
      for (const [index, text] of renderTable(columns, rows).entries()) line(index === 0 ? style('dim', text) : text);
    },
    data(value) {
      if (json) io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note: (text) => void io.stderr.write(`${text}\n`),
  };
}
