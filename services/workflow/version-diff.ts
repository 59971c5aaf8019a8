import { sameJson } from '../../domain/json.ts';
import { type Criterion, type WorkflowDefinition, workflowDefinition } from '../../domain/workflow-spec.ts';

type Field = keyof WorkflowDefinition;
const fields = workflowDefinition.keyof().options;

/** Names of the fields that differ. */
export const changedFields = (before: WorkflowDefinition, after: WorkflowDefinition): Field[] =>
  fields.filter((field) => !sameJson(before[field], after[field]));

export type CriterionChange =
  | { change: 'added'; after: Criterion }
  | { change: 'removed'; before: Criterion }
  | { change: 'edited'; before: Criterion; after: Criterion }
  /** The order of the others differs. */
  | { change: 'reordered' };

export type DefinitionChange =
  | { field: Exclude<Field, 'criteria'>; before: unknown; after: unknown }
  | { field: 'criteria'; criteria: CriterionChange[] };

/** What differs between two versions, field by field; criteria by their ids. */
export function diffDefinitions(before: WorkflowDefinition, after: WorkflowDefinition): DefinitionChange[] {
  return changedFields(before, after).map((field) =>
    field === 'criteria'
      ? { field, criteria: diffCriteria(before.criteria, after.criteria) }
      : { field, before: before[field], after: after[field] },
  );
}

function diffCriteria(before: readonly Criterion[], after: readonly Criterion[]): CriterionChange[] {
  const old = new Map(before.map((criterion) => [criterion.id, criterion]));
  const now = new Set(after.map(({ id }) => id));
  const changes: CriterionChange[] = [];
  for (const criterion of before) if (!now.has(criterion.id)) changes.push({ change: 'removed', before: criterion });
  for (const criterion of after) {
    const was = old.get(criterion.id);
    if (!was) changes.push({ change: 'added', after: criterion });
    else if (!sameJson(was, criterion)) changes.push({ change: 'edited', before: was, after: criterion });
  }
  const kept = before.filter(({ id }) => now.has(id)).map(({ id }) => id);
  const order = after.filter(({ id }) => old.has(id)).map(({ id }) => id);
  if (!sameJson(kept, order)) changes.push({ change: 'reordered' });
  return changes;
}
