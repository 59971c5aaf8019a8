import { toEntries } from '../json/json.ts';
import { type Field, toEntry } from './form-field.ts';

/** An entry that its field can't hold. `path` is the field's. */
export type EntryError = { name: string; path: string[]; message: string };

/**
 * Reads entries by field name. An empty entry leaves its property out; an optional group without any entry is left out.
 * Entries of a boolean are `true` (or a checkbox's `on`) and `false`.
 */
export function readFormEntries(
  fields: readonly Field[],
  entries: ReadonlyMap<string, string>,
): { values: { [name: string]: unknown }; errors: EntryError[] } {
  const errors: EntryError[] = [];
  const outer = new Map<string, unknown>();
  const groups = new Map<string, Map<string, unknown>>();
  for (const field of fields) {
    const [first, second] = field.path;
    if (first === undefined) continue;
    const inner = groups.get(first) ?? new Map<string, unknown>();
    if (second !== undefined) groups.set(first, inner);
    if (field.group?.required) outer.set(first, {});
    const read = readEntry(field, entries.get(field.name) ?? '');
    if ('message' in read) errors.push({ name: field.name, path: field.path, message: read.message });
    else if (read.given && second === undefined) outer.set(first, read.value);
    else if (read.given && second !== undefined) inner.set(second, read.value);
  }
  for (const [name, inner] of groups) if (inner.size > 0) outer.set(name, Object.fromEntries(inner));
  return { values: Object.fromEntries(outer), errors };
}

type Read = { given: false } | { given: true; value: unknown } | { message: string };

function readEntry(field: Field, entry: string): Read {
  if (entry === '' || (field.kind !== 'text' && entry.trim() === '')) return { given: false };
  const text = entry.trim();
  switch (field.kind) {
    case 'text':
      return { given: true, value: entry };
    case 'integer':
      return /^[+-]?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))
        ? { given: true, value: Number(text) }
        : { message: 'Enter a whole number.' };
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) && Number.isFinite(Number(text))
        ? { given: true, value: Number(text) }
        : { message: 'Enter a number.' };
    case 'boolean':
      if (text === 'true' || text === 'on') return { given: true, value: true };
      return text === 'false' ? { given: true, value: false } : { message: 'Choose true or false.' };
    case 'select':
      return field.options?.some(({ value }) => value === text)
        ? { given: true, value: JSON.parse(text) }
        : { message: 'Choose one of the listed values.' };
    case 'json':
      try {
        return { given: true, value: JSON.parse(text) };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return { message: 'Invalid JSON. Put texts in double quotes.' };
      }
  }
}

/** The entries that show these arguments. `complete`: false when a part of them fits no field. */
export function toFormEntries(
  fields: readonly Field[],
  values: unknown,
): { entries: Map<string, string>; complete: boolean } {
  const outer = toEntries(values);
  const entries = new Map<string, string>();
  let complete = outer !== null;
  const left = new Set(outer?.keys());
  const leftInside = new Map<string, Set<string>>();
  for (const field of fields) {
    const [first = '', second] = field.path;
    left.delete(first);
    if (!outer?.has(first)) continue;
    const inner = second === undefined ? null : toEntries(outer.get(first));
    if (second !== undefined) {
      if (!inner) complete = false;
      const rest = leftInside.get(first) ?? new Set(inner?.keys());
      rest.delete(second);
      leftInside.set(first, rest);
      if (!inner?.has(second)) continue;
    }
    const entry = toEntry(field, second === undefined ? outer.get(first) : inner?.get(second));
    if (entry === null || entry === '') complete = false;
    else entries.set(field.name, entry);
  }
  return { entries, complete: complete && left.size === 0 && [...leftInside.values()].every(({ size }) => size === 0) };
}
