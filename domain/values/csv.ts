/**
 * A table as CSV (RFC 4180), with a line of names first. Texts that a spreadsheet would take for a formula get an
 * apostrophe before them.
 */
export function toCsv<T extends object>(columns: readonly (keyof T & string)[], rows: readonly T[]): string {
  const lines = [columns.map((name) => toCell(name)), ...rows.map((row) => columns.map((name) => toCell(row[name])))];
  return `${lines.map((cells) => cells.join(',')).join('\r\n')}\r\n`;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
