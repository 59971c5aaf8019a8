import type { ApiDocument } from '../document/document.ts';
import { asNode, isNode } from '../document/node.ts';
import { readAt, readPointer, writePointer } from '../document/reference.ts';
import { convertSchema, type Direction } from './convert.ts';
import { createCycleBreaker, type Variant } from './cycles.ts';
import { shortHash } from './hash.ts';

type Place = { pointer: string; variant: Variant };
type Definition = Converted & { name: string; uses: readonly string[]; size: number };

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
  const byRef = new Map<string, Place>();
  const refer = (pointer: string, variant: Variant): string => {
    const ref = `#/$defs/${placeName({ pointer, variant })}`;
    byRef.set(ref, { pointer, variant });
    return ref;
  };

  function convert(schema: unknown): Converted {
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
        return refer(writePointer(keys), 'whole');
      },
      isLeftOut: (property) => isMarked(property, direction === 'input' ? 'readOnly' : 'writeOnly'),
    });
    return { schema: converted, missing };
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

  const raw = new Map<string, Converted>();
  function convertAt(pointer: string): Converted {
    const found = raw.get(pointer) ?? convert(readAt(root, readPointer(pointer) ?? []));
    raw.set(pointer, found);
    return found;
  }
  const { breakCycles } = createCycleBreaker({
    schemaOf: (pointer) => convertAt(pointer).schema,
    pointerOf: (ref) => byRef.get(ref)?.pointer,
    refer,
  });

  function define({ pointer, variant }: Place): Definition {
    const key = `${variant} ${pointer}`;
    const found = known.get(key);
    if (found) return found;
    const schema = breakCycles(pointer, variant);
    const definition = {
      name: placeName({ pointer, variant }),
      schema,
      missing: convertAt(pointer).missing,
      uses: findReferences(schema),
      size: JSON.stringify(schema).length,
    };
    known.set(key, definition);
    return definition;
  }

  function closure(schema: unknown) {
    const found = new Map<string, Definition>();
    const pending = findReferences(schema);
    for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
      const place = byRef.get(ref);
      if (!place || found.has(ref)) continue;
      const definition = define(place);
      found.set(ref, definition);
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
    const place = typeof ref === 'string' ? byRef.get(ref) : undefined;
    return place ? define(place).schema : converted;
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

const placeName = ({ pointer, variant }: Place): string =>
  `${definitionName(pointer)}${variant === 'own' ? '.own' : ''}`;

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
