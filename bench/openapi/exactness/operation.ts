/** Reads operations of documents without the code that is being proved. */
export type Json = { readonly [key: string]: unknown };

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const asJson = (value: unknown): Json => (isJson(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function target(root: Json, ref: string): unknown {
  let at: unknown = root;
  for (const step of ref.replace(/^#\//, '').split('/')) {
    const key = decode(step.replaceAll('~1', '/').replaceAll('~0', '~'));
    at = Array.isArray(at) ? at[Number(key)] : asJson(at)[key];
  }
  return at;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Everything that a value refers to in its place: cycles become cycles of objects. */
export function createExpander(root: Json) {
  const known = new Map<string, { [key: string]: unknown }>();
  function expand(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(expand);
    if (!isJson(value)) return value;
    if (typeof value.$ref === 'string') {
      const found = known.get(value.$ref);
      if (found) return found;
      const place: { [key: string]: unknown } = {};
      known.set(value.$ref, place);
      Object.assign(place, expand(target(root, value.$ref)));
      return place;
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) =>
        key === 'example' || key === 'examples' ? [] : [[key, expand(member)]],
      ),
    );
  }
  return expand;
}

export type Operation = {
  version: string;
  method: string;
  path: string;
  parameters: Json[];
  body: Json | null;
  servers: readonly unknown[];
};

/** The names of headers are the same in any case (RFC 9110). */
export const parameterKey = ({ in: place, name }: Json): string =>
  `${place}.${place === 'header' ? String(name).toLowerCase() : name}`;

/** An operation as the document writes it: references of parameters and bodies followed, schemas left as they are. */
export function readOperation(root: Json, key: string): Operation {
  const [method = '', ...rest] = key.split(' ');
  const path = rest.join(' ');
  const follow = (value: unknown): Json => {
    const node = asJson(value);
    return typeof node.$ref === 'string' ? follow(target(root, node.$ref)) : node;
  };
  const item = follow(asJson(root.paths)[path]);
  const operation = asJson(item[method.toLowerCase()]);
  const parameters = new Map<string, Json>();
  for (const each of [...list(item.parameters), ...list(operation.parameters)].map(follow))
    parameters.set(parameterKey(each), each);
  const servers = [operation.servers, item.servers].find((given) => list(given).length > 0);
  return {
    version: String(root.openapi),
    method: method.toLowerCase(),
    path,
    parameters: [...parameters.values()],
    body: operation.requestBody === undefined ? null : follow(operation.requestBody),
    servers: list(servers),
  };
}
