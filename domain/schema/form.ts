import { compactJson, toEntries } from '../json/json.ts';
import { type Field, type FieldGroup, toEntry } from './form-field.ts';
import {
  allowedValues,
  declaredTypes,
  members,
  openSchema,
  requiredNames,
  type SchemaNode,
  schemaMap,
} from './node.ts';

const maxFields = 100;
const maxOptions = 200;
const maxNameLength = 200;
const maxLabelLength = 100;
const maxDescriptionLength = 500;

/**
 * A form for the arguments of an input schema: a control for each property, required ones first, nested objects one
 * level deep as groups, a JSON field where no control fits. `complete`: every part of the schema has a control. Never
 * throws.
 */
export function toFields(schema: unknown): { fields: Field[]; complete: boolean } {
  const root = openSchema(schema, schema);
  if (!root) return { fields: [], complete: false };
  const layout = layOutProperties(root, schema, { path: [], group: null });
  const fields = layout.fields.slice(0, maxFields);
  return {
    fields,
    complete: layout.complete && layout.fields.length <= maxFields && !isConditional(root),
  };
}

type Place = { path: string[]; group: FieldGroup | null };

function layOutProperties(node: SchemaNode, root: unknown, place: Place): { fields: Field[]; complete: boolean } {
  const required = requiredNames(node);
  const all = [...schemaMap(node, 'properties')];
  const declared = all.filter(([name]) => name.length <= maxNameLength).slice(0, maxFields);
  const ordered = [
    ...declared.filter(([name]) => required.has(name)),
    ...declared.filter(([name]) => !required.has(name)),
  ];
  const layout = ordered.map(([name, schema]) =>
    layOutProperty(name, schema, root, { ...place, required: required.has(name) }),
  );
  return {
    fields: layout.flatMap(({ fields }) => fields),
    complete: declared.length === all.length && layout.every(({ complete }) => complete),
  };
}

function layOutProperty(
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
    name: toPointer(path),
    label: cut(getText(node, 'title') || name, maxLabelLength),
    description: cut(getText(node, 'description') || getText(opened, 'description'), maxDescriptionLength),
  };
  const isRequired = required && (group === null || group.required);
  if (!node) return { fields: [{ ...base, kind: 'json', required: isRequired, group }], complete: false };

  if (group === null && isPlainObject(node)) {
    const layout = layOutProperties(node, root, {
      path,
      group: { name: base.name, label: base.label, description: base.description, required },
    });
    if (layout.fields.length > 0) return layout;
  }
  const field: Field = { ...base, required: isRequired, group, ...chooseControl(node, root) };
  return { fields: [{ ...field, ...readProposals(field, [node, opened]) }], complete: field.kind !== 'json' };
}

/** Whether it is an object whose properties are all named. */
const isPlainObject = (node: SchemaNode): boolean =>
  !allowedValues(node) &&
  !isConditional(node) &&
  getSoleType(node) === 'object' &&
  schemaMap(node, 'properties').size > 0 &&
  !toEntries(node.keywords.get('additionalProperties')) &&
  !node.keywords.has('patternProperties');

/** Whether more than its own properties decides what it allows. */
const isConditional = (node: SchemaNode): boolean =>
  ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'dependentSchemas', 'dependencies', '$ref'].some((keyword) =>
    node.keywords.has(keyword),
  );

function chooseControl(node: SchemaNode, root: unknown): Pick<Field, 'kind'> & Partial<Field> {
  const choices = listOptions(node, root);
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
  switch (getSoleType(node)) {
    case 'string': {
      const format = getText(node, 'format');
      return {
        kind: 'text',
        ...bounds('minLength', 'maxLength', 'minLength', 'maxLength'),
        ...(format && { format: cut(format, maxLabelLength) }),
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
function getSoleType(node: SchemaNode): string | null {
  const types = declaredTypes(node)?.filter((type) => type !== 'null') ?? [];
  const [type] = types;
  if (types.length === 1 && type !== undefined) return type;
  return types.length === 0 && node.keywords.has('properties') ? 'object' : null;
}

/**
 * Generators write an optional property as `{ anyOf: [{…}, { type: "null" }] }`: returns the variant that isn't null.
 */
function withoutNull(node: SchemaNode, root: unknown): SchemaNode {
  for (const keyword of ['anyOf', 'oneOf']) {
    const variants = members(node, keyword);
    const rest = variants?.filter((variant) => toEntries(variant)?.get('type') !== 'null');
    if (!variants || !rest || rest.length !== 1 || rest.length === variants.length) continue;
    const inner = openSchema(rest[0], root);
    if (!inner) continue;
    const around = [...node.keywords].filter(([name]) => name !== keyword);
    return { keywords: new Map([...inner.keywords, ...around]), ref: inner.ref };
  }
  return node;
}

/** The values to choose from: `enum`, `const`, or variants that are a constant each. */
function listOptions(node: SchemaNode, root: unknown): Field['options'] | null {
  const values = allowedValues(node);
  if (values) return toOptions(values.map((value) => ({ value, label: '' })));
  for (const keyword of ['oneOf', 'anyOf']) {
    const variants = members(node, keyword)?.map((variant) => openSchema(variant, root));
    if (!variants?.length || !variants.every((variant) => variant?.keywords.has('const'))) continue;
    return toOptions(
      variants.map((variant) => ({ value: variant?.keywords.get('const'), label: getText(variant, 'title') })),
    );
  }
  return null;
}

function toOptions(choices: readonly { value: unknown; label: string }[]): Field['options'] | null {
  if (choices.length === 0 || choices.length > maxOptions) return null;
  const options = new Map<string, { value: string; label: string }>();
  for (const { value, label } of choices) {
    const json = compactJson(value);
    if (json === null || json.length > 1000) return null;
    const shown = label || (typeof value === 'string' ? value : json);
    options.set(json, { value: json, label: cut(shown, maxLabelLength) });
  }
  return [...options.values()];
}

function readProposals(field: Field, nodes: readonly (SchemaNode | null)[]): Pick<Field, 'default' | 'placeholder'> {
  const first = (keyword: string): unknown =>
    nodes.map((node) => node?.keywords.get(keyword)).find((v) => v !== undefined);
  const examples = first('examples');
  const proposed = toEntry(field, first('default'));
  const example = toEntry(field, Array.isArray(examples) ? examples[0] : first('example'));
  return {
    ...(proposed !== null && proposed !== '' && { default: proposed }),
    ...(example !== null && example !== '' && { placeholder: cut(example, maxLabelLength) }),
  };
}

const toPointer = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function getText(node: SchemaNode | null | undefined, keyword: string): string {
  const value = node?.keywords.get(keyword);
  return typeof value === 'string' ? value.trim() : '';
}

const cut = (text: string, maxLength: number) => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);
