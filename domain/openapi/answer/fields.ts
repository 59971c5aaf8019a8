import { asList, own } from '../document/node.ts';
import { isObject } from '../request/style.ts';

/** A tree of names: `items.id`, `items.name` → items → id, name. */
type Tree = Map<string, Tree>;

const maxFields = 100;
/** Members that lead to the next page. They stay, whatever was picked. */
const hint =
  /^(next|previous|prev)([_-]?(page|cursor|link|url|token|offset))*$|^(cursor|has_?more|page_?info|paging|pagination|links|_links|meta|total|total_?(count|pages|results))$/i;
const maxHintLength = 2000;

export type Picked = { value: unknown; missing: string[] };

/** Keeps the named members of a value, through lists: `items.id` is the id of each item. */
export function pickFields(value: unknown, fields: readonly string[]): Picked {
  const tree: Tree = new Map();
  const paths = fields
    .slice(0, maxFields)
    .map((field) => field.split('.').filter((name) => name !== '' && name !== '[]' && name !== '$'));
  for (const path of paths) {
    let at = tree;
    for (const name of path) {
      const next: Tree = at.get(name) ?? new Map();
      at.set(name, next);
      at = next;
    }
  }
  const met = new Set<string>();
  const picked = pick(value, tree, '', met);
  return {
    value: withHints(value, picked),
    missing: paths.map((path) => path.join('.')).filter((path) => path !== '' && !met.has(path)),
  };
}

function pick(value: unknown, tree: Tree, path: string, met: Set<string>): unknown {
  if (tree.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, tree, path, met));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    [...tree].flatMap(([name, inner]) => {
      if (!Object.hasOwn(value, name)) return [];
      const at = path === '' ? name : `${path}.${name}`;
      met.add(at);
      return [[name, pick(own(value, name), inner, at, met)]];
    }),
  );
}

function withHints(value: unknown, picked: unknown): unknown {
  if (!isObject(value) || !isObject(picked)) return picked;
  const hints = Object.entries(value).filter(
    ([name, member]) =>
      hint.test(name) && !Object.hasOwn(picked, name) && JSON.stringify(member).length <= maxHintLength,
  );
  return Object.fromEntries([...Object.entries(picked), ...hints]);
}

/** The names that could be picked. */
export function memberNames(value: unknown): string[] {
  const first = Array.isArray(value) ? asList(value)[0] : value;
  return isObject(first) ? Object.keys(first).slice(0, 40) : [];
}
