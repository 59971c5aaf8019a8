import { sameJson } from '../json/json.ts';
import { type Relation, relation, type SchemaNode } from './node.ts';

export type BoundChange = { keyword: string; how: Exclude<Relation, 'same'>; before: unknown; after: unknown };

/** The bound that an absent keyword stands for. Counts start at 0 anyway. */
const lower: ReadonlyMap<string, number> = new Map([
  ['minimum', Number.NEGATIVE_INFINITY],
  ['exclusiveMinimum', Number.NEGATIVE_INFINITY],
  ['minLength', 0],
  ['minItems', 0],
  ['minProperties', 0],
]);
const upper = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);
const other = new Set(['pattern', 'format', 'multipleOf', 'uniqueItems']);

export const boundKeywords: ReadonlySet<string> = new Set([...lower.keys(), ...upper, ...other]);

/** How the constraints on a value changed: bounds, lengths, patterns, formats. */
export function boundChanges(before: SchemaNode, after: SchemaNode): BoundChange[] {
  return [...boundKeywords].flatMap((keyword) => {
    const [one, two] = [before.keywords.get(keyword), after.keywords.get(keyword)];
    if (sameJson(one, two)) return [];
    const how = boundRelation(keyword, one, two);
    return how === 'same' ? [] : [{ keyword, how, before: one, after: two }];
  });
}

function boundRelation(keyword: string, one: unknown, two: unknown): Relation {
  if (keyword === 'uniqueItems') return relation(two !== true || one === true, one !== true || two === true);
  const isLower = lower.has(keyword);
  if (isLower || upper.has(keyword)) {
    const absent = lower.get(keyword) ?? Number.POSITIVE_INFINITY;
    const [old, now] = [one ?? absent, two ?? absent];
    if (typeof old !== 'number' || typeof now !== 'number') return 'changed';
    return isLower ? relation(now <= old, now >= old) : relation(now >= old, now <= old);
  }
  if (one === undefined || two === undefined) return relation(two === undefined, one === undefined);
  if (keyword !== 'multipleOf' || typeof one !== 'number' || typeof two !== 'number') return 'changed';
  return relation(one % two === 0, two % one === 0);
}
