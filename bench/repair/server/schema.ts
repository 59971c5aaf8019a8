import { z } from 'zod';

export type Data = { [name: string]: unknown };

/** A JSON Schema, as far as the changes of a server reach into it. */
export type Schema = {
  type?: string | undefined;
  properties?: { [name: string]: Schema } | undefined;
  required?: string[] | undefined;
  items?: Schema | undefined;
  [keyword: string]: unknown;
};

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    required: z.array(z.string()).optional(),
    items: schemaShape.optional(),
  }),
);

export const readSchema = (schema: unknown): Schema => schemaShape.parse(schema);

export function toSchema(shape: z.ZodObject, io: 'input' | 'output'): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io });
  return readSchema(schema);
}

export const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `slot.date` → `slot` and `date`. */
export function splitPath(path: string): { parent: string; name: string } {
  const at = path.lastIndexOf('.');
  return at < 0 ? { parent: '', name: path } : { parent: path.slice(0, at), name: path.slice(at + 1) };
}

/** A copy of a value with the objects at a path edited. `a[]` in a path is every item of the list `a`. */
export function editData(value: unknown, path: string, edit: (object: Data) => Data): unknown {
  if (!isData(value)) return value;
  if (path === '') return edit(value);
  const { name, isList, rest } = firstStep(path);
  const inner = value[name];
  if (inner === undefined) return value;
  const edited =
    isList && Array.isArray(inner)
      ? inner.map((item: unknown) => editData(item, rest, edit))
      : editData(inner, rest, edit);
  return { ...value, [name]: edited };
}

/** A copy of a schema with the schema of the objects at a path edited. @throws when there is no such path */
export function editSchema(schema: Schema, path: string, edit: (object: Schema) => Schema): Schema {
  if (path === '') return edit(schema);
  const { name, isList, rest } = firstStep(path);
  const property = schema.properties?.[name];
  const inner = isList ? property?.items : property;
  if (!property || !inner) throw new Error(`The schema has no ${path}.`);
  const edited = editSchema(inner, rest, edit);
  return { ...schema, properties: { ...schema.properties, [name]: isList ? { ...property, items: edited } : edited } };
}

function firstStep(path: string): { name: string; isList: boolean; rest: string } {
  const [first = '', ...rest] = path.split('.');
  return { name: first.replace('[]', ''), isList: first.endsWith('[]'), rest: rest.join('.') };
}

export const renameKey = <T>(object: { [name: string]: T }, from: string, to: string): { [name: string]: T } =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name === from ? to : name, value]));

export function without<T>(object: { [name: string]: T }, name: string): { [name: string]: T } {
  const { [name]: _, ...rest } = object;
  return rest;
}

export const renameProperty = (schema: Schema, from: string, to: string): Schema => {
  if (!schema.properties?.[from]) throw new Error(`The schema has no property ${from}.`);
  return {
    ...schema,
    properties: renameKey(schema.properties, from, to),
    required: schema.required?.map((name) => (name === from ? to : name)),
  };
};

export const removeProperty = (schema: Schema, name: string): Schema => ({
  ...schema,
  properties: without(schema.properties ?? {}, name),
  required: schema.required?.filter((each) => each !== name),
});

export const addProperty = (schema: Schema, name: string, property: Schema, isRequired: boolean): Schema => ({
  ...schema,
  properties: { ...schema.properties, [name]: property },
  required: isRequired ? [...(schema.required ?? []).filter((each) => each !== name), name] : schema.required,
});
