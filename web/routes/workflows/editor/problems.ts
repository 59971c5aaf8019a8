import type { Problem } from '../../../shell/problem.ts';
import { type EditorValues, writtenCriteria } from './values.ts';

/** Maps `definition.criteria[0].text` and `changes.criteria[0].text` to `criteria[0].text` of the form. */
export const partOf = (field: string): string => field.replace(/^(definition|changes)\./, '');

export const problemOf = (problem: Problem | undefined, field: string): string | undefined =>
  problem?.fieldErrors.find((error) => partOf(error.field) === field)?.message;

export const wrongIn = (problem: Problem | undefined, fields: readonly string[]): boolean =>
  problem?.fieldErrors.some(({ field }) =>
    fields.some(
      (name) =>
        partOf(field) === name || (/^[.[]/.test(partOf(field).slice(name.length)) && partOf(field).startsWith(name)),
    ),
  ) ?? false;

/** By line of the form; the use case counts only lines with text. */
export function criterionProblems(editor: EditorValues, problem: Problem | undefined): Map<number, string> {
  const written = writtenCriteria(editor);
  const found = new Map<number, string>();
  for (const { field, message } of problem?.fieldErrors ?? []) {
    const line = written[Number(/^criteria\[(\d+)\]/.exec(partOf(field))?.[1] ?? -1)];
    if (line) found.set(editor.criteria.indexOf(line), message);
  }
  return found;
}
