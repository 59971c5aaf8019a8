import { expect, it } from 'vitest';
import { mergeRows } from './merge.ts';

it.each([
  ['a', 'a', 'a', []],
  ['a', 'a', 'b', ['them']],
  ['a', 'b', 'a', ['me']],
  ['a', 'b', 'b', ['them']],
  ['a', 'b', 'c', ['both']],
  ['a', '', 'c', ['both']],
])('from %j, my %j and their %j is changed by %j', (base, mine, theirs, changedBy) =>
  expect(mergeRows([{ field: 'name', label: 'Name', base, mine, theirs }]).map((row) => row.changedBy)).toEqual(
    changedBy,
  ),
);
