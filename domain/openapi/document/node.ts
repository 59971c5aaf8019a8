/** A JSON object of a document. Names in it may be any, also `__proto__`: read those of others with `own`. */
export type Node = { readonly [key: string]: unknown };

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asNode = (value: unknown): Node => (isNode(value) ? value : {});

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A member under a name that others chose. */
export const own = (node: Node, name: string): unknown => (Object.hasOwn(node, name) ? node[name] : undefined);

/** Sets a member under a name that others chose: by `=`, `__proto__` would do something else. */
export function setOwn(node: { [key: string]: unknown }, name: string, value: unknown): void {
  Object.defineProperty(node, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether a value has at most so many levels and parts. Aliases can make it endless. */
export function fits(root: unknown, most: { depth: number; parts: number }): 'yes' | 'too_deep' | 'too_many' {
  const pending: { value: object; depth: number }[] = [];
  let parts = 0;
  const push = (value: unknown, depth: number) => {
    parts++;
    if (typeof value === 'object' && value !== null) pending.push({ value, depth });
  };
  push(root, 1);
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.depth > most.depth) return 'too_deep';
    if (parts > most.parts) return 'too_many';
    for (const member of Object.values(next.value)) push(member, next.depth + 1);
  }
  return 'yes';
}
