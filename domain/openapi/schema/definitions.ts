import type { ApiDocument } from '../document/document.ts';
import { asNode, isNode } from '../document/node.ts';
import { readAt, readPointer, writePointer } from '../document/reference.ts';
import { convertSchema, type Direction } from './convert.ts';
import { shortHash } from './hash.ts';

type Definition = Converted & { name: string; uses: ReadonlySet<string>; size: number };

/** A converted schema, and references of it that lead nowhere. */
export type Converted = { schema: unknown; missing: readonly string[] };

export type Definitions = {
  version: ApiDocument['version'];
  convert(schema: unknown): Converted;
  /** Everything that a converted schema refers to, directly or not, sorted by name. `size`: as JSON. */
  closure(schema: unknown): { $defs: { [name: string]: unknown }; missing: string[]; size: number };
  /** The schema at the end of a chain of references, and what is beside them; not converted. */
  open(schema: unknown): { [keyword: string]: unknown };
  /** A converted schema, or what it refers to where it is nothing but a reference. */
  resolve(converted: unknown): unknown;
};

const maxHops = 20;

/** The schemas of a document for tools, each converted once however many tools need it. Cycles stay. */
export function createDefinitions({ root, version }: ApiDocument, direction: Direction): Definitions {
  const known = new Map<string, Definition>();
  const byName = new Map<string, string>();

  function convert(schema: unknown): Converted & { uses: ReadonlySet<string> } {
    const uses = new Set<string>();
    const missing: string[] = [];
    const converted = convertSchema(schema, {
      version,
      direction,
      refer: (ref) => {
        const keys = readPointer(ref);
        const target = keys && readAt(root, keys);
        if (!keys || !(isNode(target) || typeof target === 'boolean')) {
          missing.push(ref);
          return null;
        }
        const pointer = writePointer(keys);
        uses.add(pointer);
        const own = `#/$defs/${definitionName(pointer)}`;
        byName.set(own, pointer);
        return own;
      },
      isLeftOut: (property) => isMarked(property, direction === 'input' ? 'readOnly' : 'writeOnly'),
    });
    return { schema: converted, uses, missing };
  }

  function open(schema: unknown): { [keyword: string]: unknown } {
    let at = asNode(schema);
    for (let hops = 0; typeof at.$ref === 'string' && hops < maxHops; hops++) {
      const { $ref, ...beside } = at;
      const keys = readPointer($ref);
      const target = asNode(keys && readAt(root, keys));
      at = version === '3.0' ? target : { ...target, ...beside };
    }
    return { ...at };
  }

  const isMarked = (property: unknown, mark: 'readOnly' | 'writeOnly'): boolean => {
    const schema = open(property);
    if (schema[mark] === true) return true;
    return Array.isArray(schema.allOf) && schema.allOf.some((member) => open(member)[mark] === true);
  };

  function define(pointer: string): Definition {
    const found = known.get(pointer);
    if (found) return found;
    const converted = convert(readAt(root, readPointer(pointer) ?? []));
    const size = JSON.stringify(converted.schema).length;
    const definition = { name: definitionName(pointer), size, ...converted };
    known.set(pointer, definition);
    return definition;
  }

  function closure(schema: unknown) {
    const found = new Map<string, Definition>();
    const pending = findReferences(schema).flatMap((ref) => byName.get(ref) ?? []);
    for (let pointer = pending.pop(); pointer !== undefined; pointer = pending.pop()) {
      if (found.has(pointer)) continue;
      const definition = define(pointer);
      found.set(pointer, definition);
      pending.push(...definition.uses);
    }
    const sorted = [...found.values()].sort((one, two) => (one.name < two.name ? -1 : 1));
    return {
      $defs: Object.fromEntries(sorted.map(({ name, schema }) => [name, schema])),
      missing: [...new Set(sorted.flatMap(({ missing }) => missing))],
      size: sorted.reduce((sum, { name, size }) => sum + size + name.length + 4, 0),
    };
  }

  function resolve(converted: unknown): unknown {
    const ref = isNode(converted) ? converted.$ref : undefined;
    const pointer = typeof ref === 'string' ? byName.get(ref) : undefined;
    return pointer === undefined ? converted : define(pointer).schema;
  }

  return { version, convert, closure, open, resolve };
}

function findReferences(schema: unknown): string[] {
  const found: string[] = [];
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isNode(value) && typeof value.$ref === 'string') found.push(value.$ref);
    pending.push(...Object.values(value));
  }
  return found;
}

const maxNameLength = 60;

/** The name of a component where it can stay; else with a hash of its place. The same in every tool and upload. */
export function definitionName(pointer: string): string {
  const keys = readPointer(pointer) ?? [];
  const last = keys.at(-1) ?? '';
  const plain = last.replace(/[^A-Za-z0-9_.-]+/g, '_');
  const isComponent = keys.length === 3 && keys[0] === 'components' && keys[1] === 'schemas';
  if (isComponent && plain === last && plain.length <= maxNameLength && plain !== '__proto__') return plain;
  return `${plain.slice(0, maxNameLength - 9)}_${shortHash(pointer)}`;
}
