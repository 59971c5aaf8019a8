/** A table in Markdown, as the README shows it. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const line = (cells: readonly (string | number)[]) =>
    console.log(
      `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell.replaceAll('|', '\\|'))).join(' | ')} |`,
    );
  line(head);
  line(head.map((_, index) => (typeof rows[0]?.[index] === 'number' ? '--:' : '---')));
  for (const row of rows) line(row);
  console.log();
}

/** Rows of kind, count and an example; the most frequent first. */
export function countBy<T>(
  list: readonly T[],
  kindOf: (item: T) => string,
  exampleOf: (item: T) => string,
): [string, number, string][] {
  const found = Map.groupBy(list, kindOf);
  return [...found]
    .map(([kind, items]): [string, number, string] => {
      const [first] = items;
      return [kind, items.length, first === undefined ? '' : exampleOf(first).slice(0, 160)];
    })
    .sort(([, one], [, two]) => two - one);
}
