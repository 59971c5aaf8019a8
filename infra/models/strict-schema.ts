import { toEntries } from '../../domain/json/json.ts';

// Keywords of a strict `response_format`:
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
const keywords: ReadonlySet<string> = new Set([
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  '$defs',
  '$ref',
]);

/** Whether all objects in the schema are closed, with required properties only, and all keywords are supported. */
export function allowsStrict(schema: unknown): boolean {
  const node = toEntries(schema);
  if (!node || [...node.keys()].some((keyword) => !keywords.has(keyword))) return false;
  const properties = toEntries(node.get('properties')) ?? new Map<string, unknown>();
  if (node.get('type') === 'object' || properties.size > 0) {
    const required = node.get('required');
    const names = Array.isArray(required) ? required : [];
    if (node.get('additionalProperties') !== false || [...properties.keys()].some((name) => !names.includes(name)))
      return false;
  }
  const anyOf = node.get('anyOf');
  const parts = [
    ...properties.values(),
    ...(toEntries(node.get('$defs')) ?? new Map()).values(),
    ...(Array.isArray(anyOf) ? anyOf : []),
    ...(node.has('items') ? [node.get('items')] : []),
  ];
  return parts.every(allowsStrict);
}
