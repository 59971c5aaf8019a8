type Json = { readonly [member: string]: unknown };

const id = '019a8f4e-6c1d-7b3a-9e52-4f0d8c6b2a17';
const at = '2026-03-02T09:00:00.000Z';

/** What members of these names are in examples. */
const named: { readonly [name: string]: string } = {
  address: '203.0.113.7',
  baseUrl: 'https://api.example.com',
  createdBy: `member:${id}`,
  cron: '0 9 * * *',
  cursor: 'eyJhdCI6MX0',
  day: '2026-03-02',
  email: 'ada@example.com',
  href: 'https://armature.example.com/o/acme',
  judgeModel: 'openai/gpt-5-mini',
  model: 'openai/gpt-5-mini',
  month: '2026-03',
  name: 'Checkout',
  operation: 'GET /orders',
  path: 'armature/workflows/checkout.yaml',
  prompt: 'Find a mug below 20 euros and put one into the cart.',
  reason: 'After the deployment of 2 March',
  schedule: '0 9 * * *',
  slug: 'checkout',
  testerModels: 'openai/gpt-5-mini',
  text: 'calls `add_to_cart` exactly once',
  timezone: 'Europe/Berlin',
  tool: 'search_products',
  url: 'https://mcp.example.com/mcp',
};

/** Tried in turn where a pattern refuses what fits the name. */
const patterned = ['checkout', '#alerts', '5m', '/health'];

/** Examples of a schema deeper than this are left empty. */
const maxDepth = 8;

/**
 * An example of what a JSON Schema describes: its own example, default or first value, else one that fits the name of
 * the member. Objects have all their members.
 * @param components what `#/components/schemas/<name>` refers to
 */
export function createExample(schema: unknown, components: Json, name = '', depth = 0): unknown {
  if (!isObject(schema)) return null;
  const again = (inner: unknown, of = name) => createExample(inner, components, of, depth + 1);
  if (typeof schema.$ref === 'string') return again(components[schema.$ref.replace('#/components/schemas/', '')]);
  if (Array.isArray(schema.examples)) return schema.examples[0];
  for (const key of ['const', 'default']) if (key in schema) return schema[key];
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const [choice] = listOf(schema.oneOf ?? schema.anyOf);
  if (choice !== undefined) return again(choice);
  const parts = listOf(schema.allOf);
  if (parts.length > 0) return Object.assign({}, ...parts.map((part) => again(part)));
  const [type] = listOf(schema.type);
  switch (type ?? schema.type) {
    case 'object':
      return createObject(schema, again, depth);
    case 'array':
      return depth > maxDepth ? [] : listExamples(schema, again, name);
    case 'string':
      return createText(schema, name);
    case 'integer':
    case 'number':
      return createNumber(schema);
    case 'boolean':
      return true;
    default:
      return schema.type === 'null' ? null : {};
  }
}

function createObject(schema: Json, again: (inner: unknown, name: string) => unknown, depth: number): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(listOf(schema.required));
  const shown = Object.entries(properties).filter(([name]) => depth <= maxDepth || required.has(name));
  return Object.fromEntries(shown.map(([name, inner]) => [name, again(inner, name)]));
}

function listExamples(schema: Json, again: (inner: unknown, name: string) => unknown, name: string): unknown[] {
  const tuple = listOf(schema.prefixItems);
  if (tuple.length > 0) return tuple.map((item) => again(item, name));
  if (!isObject(schema.items) || schema.maxItems === 0) return [];
  return [again(schema.items, name)];
}

function createText({ format, pattern, minLength, maxLength }: Json, name: string): string {
  if (format === 'date-time' || /At$|^(since|until|from|to|after|before|start|end)$/.test(name)) return at;
  if (format === 'date') return at.slice(0, 10);
  if (format === 'uuid' || /(^id|Ids?)$/.test(name)) return id;
  if (format === 'email') return named.email ?? '';
  if (format === 'uri' || /Url$/.test(name)) return named[name] ?? named.url ?? '';
  const fits = (text: string): boolean => typeof pattern !== 'string' || new RegExp(pattern).test(text);
  const text = [named[name] ?? 'text', ...patterned].find(fits) ?? '';
  const padded = typeof minLength === 'number' ? text.padEnd(minLength, '.') : text;
  return typeof maxLength === 'number' ? padded.slice(0, maxLength) : padded;
}

function createNumber({ minimum, exclusiveMinimum, maximum }: Json): number {
  const lowest =
    typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1;
  return typeof maximum === 'number' ? Math.min(Math.max(lowest, 1), maximum) : Math.max(lowest, 1);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
