import { compactJson, entriesOf } from '../json/json.ts';
import {
  allowedValues,
  declaredTypes,
  members,
  openSchema,
  requiredNames,
  type SchemaNode,
  schemaMap,
} from './node.ts';

export type FieldKind = 'text' | 'integer' | 'number' | 'boolean' | 'select' | 'json';

/** One control of a form. All texts are the server's own: untrusted, and cut to a length that fits on a page. */
export type Field = {
  /** The property's name; inside a group the group's before it. */
  path: string[];
  /** Names the control and its entry, unique in the form: a JSON pointer such as `/filter/maxPrice`. */
  name: string;
  label: string;
  description: string;
  kind: FieldKind;
  /** Whether it must be filled in, whatever else is. */
  required: boolean;
  /** The nested object that it belongs to; fields of one group follow each other. */
  group: FieldGroup | null;
  /** Of `select`: `value` is the entry (compact JSON of the value). */
  options?: { value: string; label: string }[];
  /** The entry that the schema proposes. */
  default?: string;
  /** An example of an entry. */
  placeholder?: string;
  /** Bounds of a number. */
  min?: number;
  max?: number;
  /** Bounds of a text's length. */
  minLength?: number;
  maxLength?: number;
  /** Of a text: `date`, `date-time`, `email`, `uri`, or whatever the schema says. */
  format?: string;
};
export type FieldGroup = { name: string; label: string; description: string; required: boolean };

/** An entry that its field can't hold. `path` is the field's. */
export type EntryError = { name: string; path: string[]; message: string };

const mostFields = 100;
const mostOptions = 200;
const longestName = 200;
const longestLabel = 100;
const longestDescription = 500;

/**
 * A form for the arguments that an input schema asks for: a control for each property, the required ones first, nested objects one
 * level deep as groups, a JSON field for what no control fits. `complete`: whether every part of the schema got a control of its
 * own. Never throws, whatever the schema is.
 */
export function fieldsOf(schema: unknown): { fields: Field[]; complete: boolean } {
  const root = openSchema(schema, schema);
  if (!root) return { fields: [], complete: false };
  const laid = properties(root, schema, { path: [], group: null });
  const fields = laid.fields.slice(0, mostFields);
  return {
    fields,
    complete: laid.complete && laid.fields.length <= mostFields && !isConditional(root),
  };
}

type Place = { path: string[]; group: FieldGroup | null };

function properties(node: SchemaNode, root: unknown, place: Place): { fields: Field[]; complete: boolean } {
  const required = requiredNames(node);
  const all = [...schemaMap(node, 'properties')];
  const declared = all.filter(([name]) => name.length <= longestName).slice(0, mostFields);
  const ordered = [
    ...declared.filter(([name]) => required.has(name)),
    ...declared.filter(([name]) => !required.has(name)),
  ];
  const laid = ordered.map(([name, schema]) =>
    property(name, schema, root, { ...place, required: required.has(name) }),
  );
  return {
    fields: laid.flatMap(({ fields }) => fields),
    complete: declared.length === all.length && laid.every(({ complete }) => complete),
  };
}

function property(
  name: string,
  schema: unknown,
  root: unknown,
  { path: outer, group, required }: Place & { required: boolean },
): { fields: Field[]; complete: boolean } {
  const path = [...outer, name];
  const opened = openSchema(schema, root);
  const node = opened && withoutNull(opened, root);
  const base = {
    path,
    name: pointer(path),
    label: cut(textOf(node, 'title') || name, longestLabel),
    description: cut(textOf(node, 'description') || textOf(opened, 'description'), longestDescription),
  };
  const isRequired = required && (group === null || group.required);
  if (!node) return { fields: [{ ...base, kind: 'json', required: isRequired, group }], complete: false };

  if (group === null && isPlainObject(node)) {
    const laid = properties(node, root, {
      path,
      group: { name: base.name, label: base.label, description: base.description, required },
    });
    if (laid.fields.length > 0) return laid;
  }
  const field: Field = { ...base, required: isRequired, group, ...control(node, root) };
  return { fields: [{ ...field, ...proposals(field, [node, opened]) }], complete: field.kind !== 'json' };
}

/** An object whose properties are all named. */
const isPlainObject = (node: SchemaNode): boolean =>
  !allowedValues(node) &&
  !isConditional(node) &&
  sole(node) === 'object' &&
  schemaMap(node, 'properties').size > 0 &&
  !entriesOf(node.keywords.get('additionalProperties')) &&
  !node.keywords.has('patternProperties');

/** Whether what it allows depends on more than its own properties. */
const isConditional = (node: SchemaNode): boolean =>
  ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'dependentSchemas', 'dependencies', '$ref'].some((keyword) =>
    node.keywords.has(keyword),
  );

function control(node: SchemaNode, root: unknown): Pick<Field, 'kind'> & Partial<Field> {
  const choices = options(node, root);
  if (choices) return { kind: 'select', options: choices };
  if (isConditional(node)) return { kind: 'json' };
  const number = (keyword: string) => {
    const value = node.keywords.get(keyword);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const bounds = (low: 'min' | 'minLength', high: 'max' | 'maxLength', from: string, to: string) => {
    const [min, max] = [number(from), number(to)];
    return { ...(min !== undefined && { [low]: min }), ...(max !== undefined && { [high]: max }) };
  };
  switch (sole(node)) {
    case 'string': {
      const format = textOf(node, 'format');
      return {
        kind: 'text',
        ...bounds('minLength', 'maxLength', 'minLength', 'maxLength'),
        ...(format && { format: cut(format, longestLabel) }),
      };
    }
    case 'integer':
      return { kind: 'integer', ...bounds('min', 'max', 'minimum', 'maximum') };
    case 'number':
      return { kind: 'number', ...bounds('min', 'max', 'minimum', 'maximum') };
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return { kind: 'json' };
  }
}

/** The one type besides null that it allows, or null. */
function sole(node: SchemaNode): string | null {
  const types = declaredTypes(node)?.filter((type) => type !== 'null') ?? [];
  const [type] = types;
  if (types.length === 1 && type !== undefined) return type;
  return types.length === 0 && node.keywords.has('properties') ? 'object' : null;
}

/** `{ anyOf: [{…}, { type: "null" }] }`, as generators write an optional property, is the variant that isn't null. */
function withoutNull(node: SchemaNode, root: unknown): SchemaNode {
  for (const keyword of ['anyOf', 'oneOf']) {
    const variants = members(node, keyword);
    const rest = variants?.filter((variant) => entriesOf(variant)?.get('type') !== 'null');
    if (!variants || !rest || rest.length !== 1 || rest.length === variants.length) continue;
    const inner = openSchema(rest[0], root);
    if (!inner) continue;
    const around = [...node.keywords].filter(([name]) => name !== keyword);
    return { keywords: new Map([...inner.keywords, ...around]), ref: inner.ref };
  }
  return node;
}

/** The values to choose from: `enum`, `const`, or variants that are a constant each. */
function options(node: SchemaNode, root: unknown): Field['options'] | null {
  const values = allowedValues(node);
  if (values) return optionsOf(values.map((value) => ({ value, label: '' })));
  for (const keyword of ['oneOf', 'anyOf']) {
    const variants = members(node, keyword)?.map((variant) => openSchema(variant, root));
    if (!variants?.length || !variants.every((variant) => variant?.keywords.has('const'))) continue;
    return optionsOf(
      variants.map((variant) => ({ value: variant?.keywords.get('const'), label: textOf(variant, 'title') })),
    );
  }
  return null;
}

function optionsOf(of: readonly { value: unknown; label: string }[]): Field['options'] | null {
  if (of.length === 0 || of.length > mostOptions) return null;
  const found = new Map<string, { value: string; label: string }>();
  for (const { value, label } of of) {
    const json = compactJson(value);
    if (json === null || json.length > 1000) return null;
    const shown = label || (typeof value === 'string' ? value : json);
    found.set(json, { value: json, label: cut(shown, longestLabel) });
  }
  return [...found.values()];
}

function proposals(field: Field, nodes: readonly (SchemaNode | null)[]): Pick<Field, 'default' | 'placeholder'> {
  const first = (keyword: string): unknown =>
    nodes.map((node) => node?.keywords.get(keyword)).find((v) => v !== undefined);
  const examples = first('examples');
  const proposed = entryOf(field, first('default'));
  const example = entryOf(field, Array.isArray(examples) ? examples[0] : first('example'));
  return {
    ...(proposed !== null && proposed !== '' && { default: proposed }),
    ...(example !== null && example !== '' && { placeholder: cut(example, longestLabel) }),
  };
}

/**
 * Reads what was entered, by field name. An empty entry leaves its property out, and a group without any entry is left out where it
 * isn't required. Entries of a boolean are `true` (or a checkbox's `on`) and `false`.
 */
export function valuesOf(
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
        : { message: 'A whole number is needed.' };
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) && Number.isFinite(Number(text))
        ? { given: true, value: Number(text) }
        : { message: 'A number is needed.' };
    case 'boolean':
      if (text === 'true' || text === 'on') return { given: true, value: true };
      return text === 'false' ? { given: true, value: false } : { message: 'Choose true or false.' };
    case 'select':
      return field.options?.some(({ value }) => value === text)
        ? { given: true, value: JSON.parse(text) }
        : { message: 'This is none of the values to choose from.' };
    case 'json':
      try {
        return { given: true, value: JSON.parse(text) };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return { message: 'This is not JSON. Texts need double quotes around them.' };
      }
  }
}

/** The entries that show these arguments. `complete`: false when they hold something that no field can show. */
export function entriesFor(
  fields: readonly Field[],
  values: unknown,
): { entries: Map<string, string>; complete: boolean } {
  const outer = entriesOf(values);
  const entries = new Map<string, string>();
  let complete = outer !== null;
  const left = new Set(outer?.keys());
  const leftInside = new Map<string, Set<string>>();
  for (const field of fields) {
    const [first = '', second] = field.path;
    left.delete(first);
    if (!outer?.has(first)) continue;
    const inner = second === undefined ? null : entriesOf(outer.get(first));
    if (second !== undefined) {
      if (!inner) complete = false;
      const rest = leftInside.get(first) ?? new Set(inner?.keys());
      rest.delete(second);
      leftInside.set(first, rest);
      if (!inner?.has(second)) continue;
    }
    const entry = entryOf(field, second === undefined ? outer.get(first) : inner?.get(second));
    if (entry === null || entry === '') complete = false;
    else entries.set(field.name, entry);
  }
  return { entries, complete: complete && left.size === 0 && [...leftInside.values()].every(({ size }) => size === 0) };
}

/** Null for a value that the field can't hold. */
function entryOf(field: Field, value: unknown): string | null {
  if (value === undefined) return null;
  switch (field.kind) {
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null;
    case 'number':
      return typeof value === 'number' ? String(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : null;
    case 'select': {
      const json = compactJson(value);
      return field.options?.some((option) => option.value === json) ? json : null;
    }
    case 'json':
      return compactJson(value);
  }
}

const pointer = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function textOf(node: SchemaNode | null | undefined, keyword: string): string {
  const value = node?.keywords.get(keyword);
  return typeof value === 'string' ? value.trim() : '';
}

const cut = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
