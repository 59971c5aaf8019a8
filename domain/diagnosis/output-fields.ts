import { nameSimilarity } from '../catalog/tool-similarity.ts';
import { isSameKind } from '../json/difference.ts';
import { toEntries } from '../json/json.ts';
import type { ToolCall } from '../run/run.ts';
import { openSchema, schemaMap } from '../schema/node.ts';
import type { Case } from './facts.ts';
import { matchFields } from './match-fields.ts';

/** The JSON documents of the successful calls of a tool. */
export const listDocuments = ({ documentOf }: Case, calls: readonly ToolCall[], tool: string): unknown[] =>
  calls.flatMap((call) => {
    const read = call.tool === tool && call.outcome === 'ok' ? documentOf(call) : null;
    return read ? [read.document] : [];
  });

/** A value by its keys; null where there is none. */
export function valueAt(document: unknown, keys: readonly string[]): { value: unknown } | null {
  let value = document;
  for (const key of keys) {
    if (Array.isArray(value)) {
      if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) >= value.length) return null;
      value = value[Number(key)];
      continue;
    }
    const entries = toEntries(value);
    if (!entries?.has(key)) return null;
    value = entries.get(key);
  }
  return { value };
}

/** Whether a schema lists the path. A schema without listed properties allows any. */
export function schemaHas(root: unknown, keys: readonly string[]): boolean {
  let schema: unknown = root;
  for (const key of keys) {
    const node = openSchema(schema, root);
    if (!node) return true;
    const properties = schemaMap(node, 'properties');
    if (properties.has(key)) schema = properties.get(key);
    else if (/^\d+$/.test(key) && node.keywords.has('items')) schema = node.keywords.get('items');
    else return properties.size === 0;
  }
  return true;
}

/** What is known of a tool's results: documents of this run and of a passing one, and schemas. */
export type Outputs = {
  now: readonly unknown[];
  before: readonly unknown[];
  schemaNow: unknown;
  schemaBefore: unknown;
};

/**
 * The path under which a field of a tool's results is found now, or null where it is still there, or where that is not
 * without doubt: by the results if the tool was called, otherwise by the output schemas.
 */
export function findMovedField(keys: readonly string[], outputs: Outputs): string[] | null {
  const { now, before } = outputs;
  if (now.some((document) => valueAt(document, keys))) return null;
  const [document] = now;
  if (document === undefined) return moveBySchema(keys, outputs);
  const was = before.find((each) => valueAt(each, keys));
  return (was === undefined ? null : moveByDocument(keys, document, was)) ?? moveBySchema(keys, outputs, document);
}

/** A new sibling of the first missing member that holds the rest of the path. */
function moveByDocument(keys: readonly string[], document: unknown, was: unknown): string[] | null {
  const at = keys.findIndex((_, index) => !valueAt(document, keys.slice(0, index + 1)));
  const [parent, gone, rest] = [keys.slice(0, at), keys[at] ?? '', keys.slice(at + 1)];
  const [members, earlier] = [toEntries(valueAt(document, parent)?.value), toEntries(valueAt(was, parent)?.value)];
  if (!members || !earlier) return null;
  const old = valueAt(was, keys)?.value;
  const fresh = [...members.keys()].flatMap((name) => {
    const found = earlier.has(name) ? null : valueAt(members.get(name), rest);
    return found && typeOf(found.value) === typeOf(old) ? [{ name, value: found.value }] : [];
  });
  const equal = fresh.filter(({ value }) => isSameKind(value, old));
  const [only] = equal.length > 0 ? equal : fresh;
  const chosen =
    (equal.length > 0 ? equal : fresh).length === 1
      ? only?.name
      : clearlyNearest(gone, equal.length > 0 ? equal : fresh);
  // A single new member with another value may be another thing, unless its name says so.
  if (chosen === undefined || (equal.length === 0 && nameSimilarity(gone, chosen) < 0.4)) return null;
  return [...parent, chosen, ...rest];
}

function clearlyNearest(name: string, candidates: readonly { name: string }[]): string | undefined {
  const [best, next] = candidates
    .map((each) => ({ name: each.name, similarity: nameSimilarity(name, each.name) }))
    .sort((a, b) => b.similarity - a.similarity);
  if (!best || best.similarity < 0.5) return undefined;
  return next && best.similarity - next.similarity < 0.15 ? undefined : best.name;
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** The same by the output schemas. @param document a result of now, which has to have the new path */
function moveBySchema(
  keys: readonly string[],
  { schemaNow, schemaBefore }: Outputs,
  document?: unknown,
): string[] | null {
  if (toEntries(schemaNow) === null || toEntries(schemaBefore) === null) return null;
  let [now, before] = [schemaNow, schemaBefore];
  const path: string[] = [];
  for (const key of keys) {
    const [node, old] = [openSchema(now, schemaNow), openSchema(before, schemaBefore)];
    if (!node || !old) return null;
    if (/^\d+$/.test(key) && node.keywords.has('items')) {
      [now, before] = [node.keywords.get('items'), old.keywords.get('items')];
      path.push(key);
      continue;
    }
    const [properties, earlier] = [schemaMap(node, 'properties'), schemaMap(old, 'properties')];
    if (!earlier.has(key)) return null;
    const gone = [...earlier.keys()].filter((name) => !properties.has(name));
    const fresh = [...properties.keys()].filter((name) => !earlier.has(name));
    const moved = properties.has(key)
      ? key
      : matchFields(
          gone.map((name) => ({ name, before: { name, schema: earlier.get(name), root: schemaBefore } })),
          fresh.map((name) => ({ name, schema: properties.get(name), root: schemaNow })),
          { fits: () => true },
        ).get(key);
    if (moved === undefined) return null;
    path.push(moved);
    [now, before] = [properties.get(moved), earlier.get(key)];
  }
  if (path.join('\n') === keys.join('\n')) return null;
  return document === undefined || valueAt(document, path) ? path : null;
}
