import { sameJson, toEntries } from '../json/json.ts';

export type PropertyChange = {
  /** As in a file: `prompt`, `limits.turns`, `arguments.query`. */
  name: string;
  before: unknown;
  after: unknown;
};

/** Members whose own members are properties. */
const groups = new Set(['limits', 'retry', 'tools', 'metadata', 'arguments', 'conditions']);

function listProperties(item: object | null): Map<string, unknown> {
  return new Map(
    Object.entries(item ?? {}).flatMap(([name, value]): [string, unknown][] => {
      const parts = groups.has(name) ? toEntries(value) : null;
      return parts ? [...parts].map(([part, each]) => [`${name}.${part}`, each]) : [[name, value]];
    }),
  );
}

/** The properties of an item that differ; with null, all of the other. A missing one is null. */
export function diffProperties(before: object | null, after: object | null): PropertyChange[] {
  const [old, now] = [listProperties(before), listProperties(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const change = { name, before: old.get(name) ?? null, after: now.get(name) ?? null };
    return sameJson(change.before, change.after) ? [] : [change];
  });
}
