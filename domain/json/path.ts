export type PathResult = { found: true; value: unknown } | { found: false };

/**
 * Reads a dotted path with array indexes: `items.0.id`, `items[0].id`, `["odd key"].id`. An empty path is the value
 * itself. Only own properties and array elements are found, so a hostile path reaches no prototype.
 */
export function readPath(value: unknown, path: string): PathResult {
  const keys = parsePath(path);
  if (!keys) return { found: false };
  let current = value;
  for (const key of keys) {
    const next = child(current, key);
    if (!next.found) return next;
    current = next.value;
  }
  return { found: true, value: current };
}

/**
 * The keys of a path in order, or null for an invalid one (`a..b`, `a[`, `a[x]`, `.a`). A leading `$.` or `$` is
 * allowed.
 */
export function parsePath(path: string): string[] | null {
  const body = path.startsWith('$.') ? path.slice(2) : /^\$(?=\[|$)/.test(path) ? path.slice(1) : path;
  if (body === '') return path === '' || path === '$' ? [] : null;
  const step = /(\.?)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  const keys: string[] = [];
  while (step.lastIndex < body.length) {
    const first = step.lastIndex === 0;
    const match = step.exec(body);
    if (!match) return null;
    const [, dot, name, index, quoted] = match;
    if (name !== undefined) {
      if (first === (dot === '.')) return null;
      keys.push(name);
    } else if (quoted !== undefined) {
      const key = unquote(quoted);
      if (key === null) return null;
      keys.push(key);
    } else if (index !== undefined) keys.push(index);
  }
  return keys;
}

function child(value: unknown, key: string): PathResult {
  if (typeof value !== 'object' || value === null) return { found: false };
  if (Array.isArray(value)) {
    if (!/^(0|[1-9]\d{0,9})$/.test(key) || !Object.hasOwn(value, key)) return { found: false };
    return { found: true, value: value[Number(key)] };
  }
  const own = Object.getOwnPropertyDescriptor(value, key);
  return own && 'value' in own ? { found: true, value: own.value } : { found: false };
}

function unquote(literal: string): string | null {
  try {
    return String(JSON.parse(literal));
  } catch {
    // An invalid escape makes the path invalid.
    return null;
  }
}
