/** One step of the way from one sequence to another. Indexes count from 0 in their own sequence. */
export type SequenceStep =
  | { op: 'same'; before: number; after: number }
  | { op: 'removed'; before: number }
  | { op: 'added'; after: number };

/** Longest middle parts that are compared exactly, as a product of lengths: 16 million cells of two bytes. */
const mostCells = 16_000_000;

/**
 * The fewest removals and additions that lead from one sequence to the other (longest common subsequence). Removals come before the
 * additions in their place. Sequences too long to be compared exactly are one replaced by the other between what they share at both
 * ends.
 */
export function diffSequence(before: readonly string[], after: readonly string[]): SequenceStep[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shortest - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const rows = before.length - head - tail;
  const columns = after.length - head - tail;

  const steps: SequenceStep[] = [];
  for (let index = 0; index < head; index++) steps.push({ op: 'same', before: index, after: index });
  steps.push(...diffMiddle({ before, after, head, rows, columns }));
  for (let index = tail; index > 0; index--)
    steps.push({ op: 'same', before: before.length - index, after: after.length - index });
  return steps;
}

function diffMiddle(part: {
  before: readonly string[];
  after: readonly string[];
  head: number;
  rows: number;
  columns: number;
}): SequenceStep[] {
  const { before, after, head, rows, columns } = part;
  const exact = (rows + 1) * (columns + 1) <= mostCells && Math.min(rows, columns) < 65_536;
  const width = columns + 1;
  /** Length of the longest common subsequence of what follows row and column. */
  const longest = new Uint16Array(exact ? (rows + 1) * width : 0);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  if (exact)
    for (let row = rows - 1; row >= 0; row--)
      for (let column = columns - 1; column >= 0; column--)
        longest[row * width + column] =
          before[head + row] === after[head + column]
            ? at(row + 1, column + 1) + 1
            : Math.max(at(row + 1, column), at(row, column + 1));

  const steps: SequenceStep[] = [];
  let row = 0;
  let column = 0;
  while (row < rows || column < columns) {
    if (exact && row < rows && column < columns && before[head + row] === after[head + column]) {
      steps.push({ op: 'same', before: head + row++, after: head + column++ });
    } else if (row < rows && (column === columns || at(row + 1, column) >= at(row, column + 1))) {
      steps.push({ op: 'removed', before: head + row++ });
    } else {
      steps.push({ op: 'added', after: head + column++ });
    }
  }
  return steps;
}
