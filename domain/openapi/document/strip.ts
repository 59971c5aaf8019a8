import { asNode, isNode, type Node, own, setOwn } from './node.ts';
import { readAt, readPointer } from './reference.ts';

type Draft = { [key: string]: unknown };

export const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** What no tool needs. */
const dropped = new Set(['example', 'examples', 'externalDocs', 'callbacks', 'links', 'webhooks', 'xml', '$comment']);
/** Objects with names for keys: these aren't keywords, whatever they are. */
const maps = new Set(
  'properties patternProperties $defs definitions dependentSchemas headers responses schemas parameters requestBodies securitySchemes pathItems content variables encoding'.split(
    ' ',
  ),
);
/** Values, in which nothing is a keyword. */
const literals = new Set([
  'default',
  'enum',
  'const',
  'security',
  'mapping',
  'scopes',
  'dependentRequired',
  'required',
]);

/**
 * A copy of a document with what its operations need: without examples, extensions, answers that are errors, and
 * components that nothing refers to.
 */
export function strip(source: Node): Node {
  const pending: string[] = [];
  const seen = new Set<string>();

  function copy(value: unknown, isMap: boolean): unknown {
    if (Array.isArray(value)) return value.map((item) => copy(item, false));
    if (!isNode(value)) return value;
    const kept: Draft = {};
    for (const [key, member] of Object.entries(value)) {
      if (isMap) setOwn(kept, key, copy(member, false));
      else if (dropped.has(key) || key.startsWith('x-')) continue;
      else if (literals.has(key)) setOwn(kept, key, member);
      else setOwn(kept, key, copy(member, maps.has(key)));
    }
    if (!isMap && typeof value.$ref === 'string' && !seen.has(value.$ref)) {
      seen.add(value.$ref);
      pending.push(value.$ref);
    }
    return kept;
  }

  const root: Draft = {
    ...pick(source, ['openapi', 'info', 'servers', 'security', 'tags'], copy),
    paths: Object.fromEntries(
      Object.entries(asNode(source.paths)).flatMap(([path, item]) =>
        path.startsWith('/') && isNode(item) ? [[path, copyPathItem(item, copy)]] : [],
      ),
    ),
    components: {
      securitySchemes: copy(asNode(asNode(source.components).securitySchemes), true),
    },
  };
  for (let ref = pending.shift(); ref !== undefined; ref = pending.shift()) {
    const keys = readPointer(ref);
    if (keys) include(root, source, keys, copy);
  }
  return root;
}

type Copy = (value: unknown, isMap: boolean) => unknown;

function pick(node: Node, names: readonly string[], copy: Copy): Draft {
  return Object.fromEntries(
    names.flatMap((name) =>
      node[name] === undefined ? [] : [[name, literals.has(name) ? node[name] : copy(node[name], maps.has(name))]],
    ),
  );
}

const copyPathItem = (item: Node, copy: Copy): Node => ({
  ...pick(item, ['parameters', 'servers'], copy),
  // A reference in place of the whole.
  ...(typeof item.$ref === 'string' ? asNode(copy({ $ref: item.$ref }, false)) : {}),
  ...Object.fromEntries(
    methods.flatMap((method) => {
      const operation = item[method];
      return isNode(operation) ? [[method, copyOperation(operation, copy)]] : [];
    }),
  ),
});

const operationKeys = 'operationId summary description tags deprecated parameters requestBody security servers'.split(
  ' ',
);

function copyOperation(operation: Node, copy: Copy): Node {
  const responses = Object.entries(asNode(operation.responses));
  const good = responses.filter(([status]) => /^2/.test(status));
  const kept = good.length > 0 ? good : responses.filter(([status]) => status === 'default');
  return { ...pick(operation, operationKeys, copy), responses: copy(Object.fromEntries(kept), true) };
}

/** Copies what a reference leads to, unless it is there: components one by one, else what is missing. */
function include(root: Draft, source: Node, keys: readonly string[], copy: Copy): void {
  if (readAt(source, keys) === undefined) return;
  let at: Draft = root;
  const least = Math.min(keys.length, keys[0] === 'components' ? 3 : 2);
  for (const [index, key] of keys.entries()) {
    const there = own(at, key);
    if (there === undefined && index + 1 >= least) {
      setOwn(at, key, copy(readAt(source, keys.slice(0, index + 1)), false));
      return;
    }
    if (there === undefined) setOwn(at, key, {});
    const next = own(at, key);
    if (!isDraft(next)) return;
    at = next;
  }
}

const isDraft = (value: unknown): value is Draft => isNode(value);

/** The methods that a path item has. */
export const operationsOf = (item: Node) =>
  methods.flatMap((method) => {
    const operation = item[method];
    return isNode(operation) ? [{ method, operation }] : [];
  });

export const hasOperations = (root: Node): boolean =>
  Object.values(asNode(root.paths)).some((item) =>
    Object.keys(asNode(item)).some((key) => key === '$ref' || isMethod(key)),
  );

const isMethod = (key: string): boolean => methods.some((method) => method === key);
