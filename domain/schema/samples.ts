import { toEntries } from '../json/json.ts';
import { openSchema } from './node.ts';

const maxDepth = 5;

/**
 * Sample arguments for an input schema: its required properties, each with the schema's example, default or first
 * allowed value, or else a plain value of its type.
 */
export const sampleArguments = (inputSchema: unknown): { [name: string]: unknown } =>
  toArguments(sampleValue(inputSchema, { root: inputSchema, depth: 0, invents: true }));

/** The same, without the required properties for which the schema names no value. */
export const knownArguments = (inputSchema: unknown): { [name: string]: unknown } =>
  toArguments(sampleValue(inputSchema, { root: inputSchema, depth: 0, invents: false }));

const toArguments = (sample: unknown) => Object.fromEntries(toEntries(sample) ?? []);

type Place = { root: unknown; depth: number; invents: boolean };

/** Undefined without a value. */
function sampleValue(schema: unknown, place: Place): unknown {
  const { root, depth, invents } = place;
  const keywords = openSchema(schema, root)?.keywords;
  if (!keywords) return invents ? null : undefined;
  const [example, allowed, variants] = ['examples', 'enum', 'anyOf'].map((name) => {
    const value = keywords.get(name);
    return Array.isArray(value) ? value : [];
  });
  for (const known of [example?.[0], keywords.get('default'), keywords.get('const'), allowed?.[0]])
    if (known !== undefined) return known;
  const declared = keywords.get('type');
  const type: unknown = Array.isArray(declared) ? declared[0] : declared;
  const inner = { ...place, depth: depth + 1 };
  if ((type ?? (keywords.has('properties') ? 'object' : undefined)) === 'object')
    return depth < maxDepth ? sampleRequired(keywords, inner) : {};
  if (!invents) return undefined;
  switch (type) {
    case 'array':
      return depth < maxDepth && Number(keywords.get('minItems') ?? 0) > 0
        ? [sampleValue(keywords.get('items'), inner)]
        : [];
    case 'integer':
    case 'number':
      return typeof keywords.get('minimum') === 'number' ? keywords.get('minimum') : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return variants?.length && depth < maxDepth ? sampleValue(variants[0], inner) : 'text';
  }
}

function sampleRequired(keywords: ReadonlyMap<string, unknown>, place: Place): unknown {
  const required = keywords.get('required');
  const properties = toEntries(keywords.get('properties'));
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string').slice(0, 50) : [];
  const values = names.map((name): [string, unknown] => [name, sampleValue(properties?.get(name), place)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
