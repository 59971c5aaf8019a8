const maxDepth = 6;

/**
 * The path of an argument in the schema's own words: indexes become `[]`, and a name that the schema doesn't have
 * becomes `*`, since it is the caller's.
 * @param schema of all arguments
 */
export function toSchemaPath(schema: unknown, path: readonly PropertyKey[]): string {
  const parts: string[] = [];
  let at: unknown = schema;
  for (const part of path.slice(0, maxDepth)) {
    const here = listVariants(schema, at);
    if (typeof part === 'number') {
      parts.push('[]');
      at = { anyOf: here.map((each) => each.items) };
      continue;
    }
    const known = here.flatMap(({ properties }) =>
      isRecord(properties) && Object.hasOwn(properties, part) ? [properties[String(part)]] : [],
    );
    parts.push(known.length > 0 ? `.${String(part)}` : '.*');
    at = { anyOf: known.length > 0 ? known : here.map((each) => each.additionalProperties) };
  }
  return parts.join('').replace(/^\./, '');
}

type Schema = { [keyword: string]: unknown };
export const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const maxVariants = 100;

/** The schema with those that it combines or refers to. */
function listVariants(root: unknown, schema: unknown): Schema[] {
  const found = new Set<Schema>();
  const pending = [schema];
  while (pending.length > 0 && found.size < maxVariants) {
    const next = pending.pop();
    if (!isRecord(next) || found.has(next)) continue;
    found.add(next);
    for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
      const all = next[keyword];
      if (Array.isArray(all)) pending.push(...all);
    }
    if (typeof next.$ref === 'string') pending.push(resolve(root, next.$ref));
  }
  return [...found];
}

function resolve(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return reference === '#' ? root : undefined;
  let at: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}
