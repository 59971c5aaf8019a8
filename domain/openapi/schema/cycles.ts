import { asList, isNode } from '../document/node.ts';

/** `all`: what is referred to holds as well; `any`: it is one of several. */
type Kind = 'all' | 'any';
type Edge = { to: string; kind: Kind };
/** `own`: without its alternatives. */
export type Variant = 'whole' | 'own';

type Schemas = {
  /** The converted schema of a definition. */
  schemaOf(pointer: string): unknown;
  /** The definition that a `$ref` of a converted schema leads to. */
  pointerOf(ref: string): string | undefined;
  refer(pointer: string, variant: Variant): string;
};

/**
 * Breaks cycles that come back to the same value, such as a pet that is one of dog and cat, which are each a pet:
 * validators never end in them. A dog is then what a pet is by itself. Cycles by way of members and items stay.
 */
export function createCycleBreaker({ schemaOf, pointerOf, refer }: Schemas) {
  const known = new Map<string, Edge[]>();
  function edgesOf(pointer: string): Edge[] {
    const found = known.get(pointer);
    if (found) return found;
    const edges: Edge[] = [];
    collect(schemaOf(pointer), 'all', edges);
    known.set(pointer, edges);
    return edges;
  }

  function collect(schema: unknown, kind: Kind, edges: Edge[]): void {
    if (!isNode(schema)) return;
    const to = typeof schema.$ref === 'string' ? pointerOf(schema.$ref) : undefined;
    if (to !== undefined) edges.push({ to, kind });
    for (const member of asList(schema.allOf)) collect(member, kind, edges);
    for (const keyword of alternatives) {
      const value = schema[keyword];
      for (const member of Array.isArray(value) ? value : [value]) collect(member, 'any', edges);
    }
  }

  function reaches(from: string, to: string, only: Kind | null): boolean {
    const met = new Set<string>();
    const pending = [from];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (at === to) return true;
      if (met.has(at)) continue;
      met.add(at);
      for (const edge of edgesOf(at)) if (only === null || edge.kind === only) pending.push(edge.to);
    }
    return false;
  }

  function cut(schema: unknown, owner: string, variant: Variant): unknown {
    if (!isNode(schema)) return schema;
    const kept: { [keyword: string]: unknown } = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword === '$ref' && typeof value === 'string') {
        const ref = cutReference(value, owner, variant);
        if (ref !== null) kept.$ref = ref;
      } else if (keyword === 'allOf') kept.allOf = asList(value).map((member) => cut(member, owner, variant));
      else if (keyword !== 'anyOf' && keyword !== 'oneOf') kept[keyword] = value;
      else if (variant === 'whole') {
        const members = asList(value).filter((member) => !comesBack(member, owner));
        if (members.length > 0) kept[keyword] = members;
      }
    }
    return kept;
  }

  function cutReference(ref: string, owner: string, variant: Variant): string | null {
    const to = pointerOf(ref);
    if (to === undefined || !reaches(to, owner, null)) return ref;
    return variant === 'own' && reaches(to, owner, 'all') ? null : refer(to, 'own');
  }

  /** An alternative that is only the schema itself again says nothing. */
  function comesBack(member: unknown, owner: string): boolean {
    const to = isNode(member) && typeof member.$ref === 'string' ? pointerOf(member.$ref) : undefined;
    return to !== undefined && reaches(to, owner, 'any');
  }

  return {
    breakCycles(pointer: string, variant: Variant): unknown {
      const schema = schemaOf(pointer);
      const isCyclic = edgesOf(pointer).some(({ to }) => reaches(to, pointer, null));
      return isCyclic || variant === 'own' ? cut(schema, pointer, variant) : schema;
    },
  };
}

const alternatives = ['anyOf', 'oneOf', 'not', 'if', 'then', 'else'] as const;
