import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { maxAliases, maxDepth, maxParts, type Refusal } from './document.ts';
import { isNode, setOwn } from './node.ts';

/** The message of a duplicate key is the key. */
export class YamlRefusal extends Error {
  readonly reason: Refusal['reason'];

  constructor(reason: Refusal['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

type Parts = { left: number; aliases: number; anchors: Map<string, unknown> };

/**
 * The value of a parsed YAML document. An alias is the value of its anchor itself and not a copy; there are few of
 * them, so that they can't grow into a value without end.
 * @throws YamlRefusal
 */
export function toValue(root: unknown): unknown {
  return read(root, { left: maxParts, aliases: 0, anchors: new Map() }, 1);
}

function read(node: unknown, parts: Parts, depth: number): unknown {
  if (depth > maxDepth) throw new RangeError('too deep');
  if (--parts.left < 0) throw new YamlRefusal('too_large', 'The file has too many values. Remove operations.');
  if (isAlias(node)) return readAlias(node.source, parts);
  const value = isMap(node)
    ? readMap(node.items, parts, depth)
    : isSeq(node)
      ? node.items.map((item) => read(item, parts, depth + 1))
      : readScalar(node);
  // Known only when it is complete: a value can't contain itself.
  if (isAnchored(node)) parts.anchors.set(node.anchor, value);
  return value;
}

const isAnchored = (node: unknown): node is Node & { anchor: string } =>
  isNode(node) && typeof node.anchor === 'string';

function readAlias(name: string, parts: Parts): unknown {
  if (++parts.aliases > maxAliases)
    throw new YamlRefusal('too_many_aliases', `The file has more than ${maxAliases} aliases. Use $ref instead.`);
  if (!parts.anchors.has(name))
    throw new YamlRefusal(
      'unreadable',
      `The file has the alias “${name.slice(0, 100)}” before its anchor is complete. Use $ref instead.`,
    );
  return parts.anchors.get(name);
}

function readScalar(node: unknown): unknown {
  const value = isScalar(node) ? node.value : null;
  return typeof value === 'bigint' ? Number(value) : (value ?? null);
}

function readMap(items: readonly { key: unknown; value: unknown }[], parts: Parts, depth: number): unknown {
  const map: { [key: string]: unknown } = {};
  const merged: unknown[] = [];
  for (const { key, value } of items) {
    const name = String(isScalar(key) ? key.value : read(key, parts, depth + 1));
    const member = read(value, parts, depth + 1);
    if (name === '<<') merged.push(...(Array.isArray(member) ? member : [member]));
    else if (Object.hasOwn(map, name)) throw new YamlRefusal('duplicate_key', name);
    else setOwn(map, name, member);
  }
  for (const each of merged)
    for (const [name, member] of isNode(each) ? Object.entries(each) : [])
      if (!Object.hasOwn(map, name)) setOwn(map, name, member);
  return map;
}
