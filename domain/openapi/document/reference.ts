import { asNode, isNode, type Node, own } from './node.ts';

const maxHops = 20;

/** The keys of a local reference (`#/components/schemas/Pet`), or null for any other. */
export function readPointer(ref: unknown): string[] | null {
  if (typeof ref !== 'string' || !ref.startsWith('#/') || ref.length > 2000) return null;
  return ref.slice(2).split('/').map(unescapeKey);
}

export const writePointer = (keys: readonly string[]): string =>
  `#/${keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;

function unescapeKey(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    // A stray percent sign is part of the name.
    return plain;
  }
}

/** What is at a place of a document, or undefined. A key is taken literally where the decoded one isn't there. */
export function readAt(root: unknown, keys: readonly string[]): unknown {
  let at: unknown = root;
  for (const key of keys) {
    if (Array.isArray(at)) at = /^\d{1,9}$/.test(key) ? at[Number(key)] : undefined;
    else if (isNode(at)) at = own(at, key);
    else return undefined;
  }
  return at;
}

/** Follows the references of parameters, bodies, responses and path items. Null: they lead nowhere. */
export function follow(root: Node, value: unknown): Node | null {
  let at = value;
  for (let hops = 0; hops < maxHops; hops++) {
    if (!isNode(at)) return null;
    if (at.$ref === undefined) return at;
    const keys = readPointer(at.$ref);
    if (!keys) return null;
    at = readAt(root, keys);
  }
  return null;
}

/** Says where a reference leads, for a refusal. */
export const describeReference = (value: unknown): string => {
  const { $ref } = asNode(value);
  return typeof $ref === 'string' ? `“${$ref.slice(0, 200)}”` : 'something that is no object';
};
