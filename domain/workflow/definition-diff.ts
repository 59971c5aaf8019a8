import { z } from 'zod';
import { sameJson } from '../json/json.ts';
import { diffSequence } from '../run/sequence-diff.ts';
import { type Criterion, criterion, type WorkflowDefinition, workflowDefinition } from './definition.ts';

type Field = keyof WorkflowDefinition;
const fields = workflowDefinition.keyof().options;

/** Names of the fields that differ. */
export const changedFields = (before: WorkflowDefinition, after: WorkflowDefinition): Field[] =>
  fields.filter((field) => !sameJson(before[field], after[field]));

export const criterionChange = z.discriminatedUnion('change', [
  z.object({ change: z.literal('added'), position: z.int(), after: criterion }),
  z.object({ change: z.literal('removed'), position: z.int(), before: criterion }),
  z.object({ change: z.literal('edited'), position: z.int(), before: criterion, after: criterion }),
  z.object({ change: z.literal('reordered') }).describe('The order of the others differs.'),
]);
export type CriterionChange = z.infer<typeof criterionChange>;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
type Scalar = z.infer<typeof scalar>;

/** A changed field, named like `prompt`, `limits.turns` or `metadata.team`. Positions count from 0. */
export const fieldDiff = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), field: z.string(), before: scalar, after: scalar }),
  z.object({
    kind: z.literal('text'),
    field: z.string(),
    lines: z.array(z.object({ op: z.enum(['same', 'removed', 'added']), text: z.string() })),
  }),
  z.object({
    kind: z.literal('list'),
    field: z.string(),
    added: z.array(z.string()),
    removed: z.array(z.string()),
    after: z.array(z.string()),
  }),
  z.object({ kind: z.literal('criteria'), field: z.literal('criteria'), criteria: z.array(criterionChange) }),
]);
export type FieldDiff = z.infer<typeof fieldDiff>;

const texts: ReadonlySet<string> = new Set(['description', 'prompt']);

/**
 * The changes between two definitions, field by field: texts by line, lists as sets, criteria by id. With a null
 * `before` all of `after` is new.
 */
export function definitionDiff(before: WorkflowDefinition | null, after: WorkflowDefinition): FieldDiff[] {
  return fields.flatMap((field): FieldDiff[] => {
    if (before && sameJson(before[field], after[field])) return [];
    if (field === 'criteria')
      return [{ kind: 'criteria', field, criteria: diffCriteria(before?.criteria ?? [], after.criteria) }];
    const old = before ? listLeaves(field, before[field]) : new Map<string, Leaf>();
    const now = listLeaves(field, after[field]);
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) =>
      diffLeaf(name, old.get(name) ?? null, now.get(name) ?? null),
    );
  });
}

type Leaf = Scalar | string[];

function listLeaves(field: string, value: WorkflowDefinition[Exclude<Field, 'criteria'>]): Map<string, Leaf> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[field, value]]);
  return new Map(Object.entries<Leaf>(value).map(([name, part]) => [`${field}.${name}`, part]));
}

function diffLeaf(field: string, before: Leaf, after: Leaf): FieldDiff[] {
  if (sameJson(before, after)) return [];
  if (Array.isArray(before) || Array.isArray(after)) {
    const [old, now] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []];
    if (old.length + now.length === 0) return [];
    return [
      {
        kind: 'list',
        field,
        added: now.filter((item) => !old.includes(item)),
        removed: old.filter((item) => !now.includes(item)),
        after: now,
      },
    ];
  }
  if (texts.has(field)) {
    const [old, now] = [splitLines(before), splitLines(after)];
    const lines = diffSequence(old, now).map((step) => ({
      op: step.op,
      text: (step.op === 'removed' ? old[step.before] : now[step.after]) ?? '',
    }));
    return lines.length ? [{ kind: 'text', field, lines }] : [];
  }
  return [{ kind: 'value', field, before, after }];
}

const splitLines = (text: Scalar): string[] => (typeof text === 'string' && text !== '' ? text.split('\n') : []);

function diffCriteria(before: readonly Criterion[], after: readonly Criterion[]): CriterionChange[] {
  const old = new Map(before.map((each) => [each.id, each]));
  const now = new Set(after.map(({ id }) => id));
  const changes: CriterionChange[] = [];
  for (const [position, each] of before.entries())
    if (!now.has(each.id)) changes.push({ change: 'removed', position, before: each });
  for (const [position, each] of after.entries()) {
    const was = old.get(each.id);
    if (!was) changes.push({ change: 'added', position, after: each });
    else if (!sameJson(was, each)) changes.push({ change: 'edited', position, before: was, after: each });
  }
  const kept = before.filter(({ id }) => now.has(id)).map(({ id }) => id);
  const order = after.filter(({ id }) => old.has(id)).map(({ id }) => id);
  if (!sameJson(kept, order)) changes.push({ change: 'reordered' });
  return changes;
}
