import { diffArrays } from 'diff';

/** One step of the way from one sequence to another. Indexes count from 0 in their own sequence. */
export type SequenceStep =
  | { op: 'same'; before: number; after: number }
  | { op: 'removed'; before: number }
  | { op: 'added'; after: number };

/** The time grows with the square of the number of changes. */
const maxChanges = 1000;

/**
 * The fewest removals and additions that lead from one sequence to the other. Removals come before the additions in
 * their place. Where there are more than `maxChanges`, all of one sequence is replaced by all of the other.
 */
export function diffSequence(before: readonly string[], after: readonly string[]): SequenceStep[] {
  const changes = diffArrays([...before], [...after], { maxEditLength: maxChanges }) ?? [
    { removed: true, added: false, count: before.length },
    { removed: false, added: true, count: after.length },
  ];
  const steps: SequenceStep[] = [];
  const index = { before: 0, after: 0 };
  for (const { removed, added, count } of changes)
    for (let item = 0; item < count; item++)
      if (removed) steps.push({ op: 'removed', before: index.before++ });
      else if (added) steps.push({ op: 'added', after: index.after++ });
      else steps.push({ op: 'same', before: index.before++, after: index.after++ });
  return steps;
}
