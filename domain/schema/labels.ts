import { compactJson } from '../json/json.ts';
import { declaredTypes, openSchema } from './node.ts';

const maxPathLength = 300;
const maxNameLength = 100;
const maxValueLength = 1000;

/** The path of a property: `order.total`, or `order["ship to"]` for a name that isn't an identifier. */
export function propertyPath(path: string, name: string): string {
  const shown = cut(name, maxNameLength);
  if (!/^[A-Za-z_$][\w$-]*$/.test(shown)) return cut(`${path}[${JSON.stringify(shown)}]`, maxPathLength);
  return cut(path === '' ? shown : `${path}.${shown}`, maxPathLength);
}

/** The path of something other than a property: `lines[]`, `extra.*`. */
export const pathWith = (path: string, suffix: string): string => cut(`${path}${suffix}`, maxPathLength);

/** A value short enough to store and show; a long one becomes the start of its JSON. */
export function shortValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value, maxValueLength);
  if (typeof value !== 'object' || value === null) return value;
  const json = compactJson(value);
  if (json === null) return '(nested too deeply to show)';
  return json.length > maxValueLength ? cut(json, maxValueLength) : value;
}

export function describeTypes(types: readonly string[] | null): string | string[] {
  if (!types) return 'any';
  const [first, ...more] = types.slice(0, 10).map((type) => cut(type, maxNameLength));
  return first !== undefined && more.length === 0 ? first : [...(first === undefined ? [] : [first]), ...more];
}

/** The types of a property, and whether it is required. */
export function propertySummary(schema: unknown, root: unknown, required: boolean) {
  const node = openSchema(schema, root);
  return { type: describeTypes(node && declaredTypes(node)), required };
}

const cut = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
