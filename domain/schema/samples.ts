import { toEntries } from '../json/json.ts';
import { openSchema } from './node.ts';

const maxDepth = 5;

/**
 * Sample arguments for an input schema: its required properties, each with the schema's example, default or first
 * allowed value, or else a plain value of its type.
 */
export function sampleArguments(inputSchema: unknown): { [name: string]: unknown } {
  const sample = sampleValue(inputSchema, inputSchema, 0);
  return Object.fromEntries(toEntries(sample) ?? []);
}

function sampleValue(schema: unknown, root: unknown, depth: number): unknown {
  const keywords = openSchema(schema, root)?.keywords;
  if (!keywords) return null;
  const [example, allowed, variants] = ['examples', 'enum', 'anyOf'].map((name) => {
    const value = keywords.get(name);
    return Array.isArray(value) ? value : [];
  });
  for (const known of [example?.[0], keywords.get('default'), keywords.get('const'), allowed?.[0]])
    if (known !== undefined) return known;
  const declared = keywords.get('type');
  const type: unknown = Array.isArray(declared) ? declared[0] : declared;
  switch (type ?? (keywords.has('properties') ? 'object' : undefined)) {
    case 'object':
      return depth < maxDepth ? sampleRequired(keywords, root, depth) : {};
    case 'array':
      return depth < maxDepth && Number(keywords.get('minItems') ?? 0) > 0
        ? [sampleValue(keywords.get('items'), root, depth + 1)]
        : [];
    case 'integer':
    case 'number':
      return typeof keywords.get('minimum') === 'number' ? keywords.get('minimum') : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return variants?.length && depth < maxDepth ? sampleValue(variants[0], root, depth + 1) : 'text';
  }
}

function sampleRequired(keywords: ReadonlyMap<string, unknown>, root: unknown, depth: number): unknown {
  const required = keywords.get('required');
  const properties = toEntries(keywords.get('properties'));
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string').slice(0, 50) : [];
  return Object.fromEntries(names.map((name) => [name, sampleValue(properties?.get(name), root, depth + 1)]));
}
