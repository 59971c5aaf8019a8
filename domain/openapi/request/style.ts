import { ExactNumber } from '../../json/exact.ts';
import { isNode } from '../document/node.ts';
import type { ParameterPlan } from '../tool/tool.ts';

type Style = Pick<ParameterPlan, 'name' | 'style' | 'explode'>;
type Encode = (text: string) => string;

/** Names and values, encoded, in order. */
export type Pairs = [name: string, value: string][];

const isNothing = (value: unknown): boolean => value === undefined || value === null;

export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  isNode(value) && !(value instanceof ExactNumber);

/** A part of a value as text. What styles have no form for, such as a list in a list, is JSON. */
export function toText(value: unknown): string {
  if (isNothing(value)) return '';
  return Array.isArray(value) || isObject(value) ? JSON.stringify(value) : String(value);
}

const members = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, member]) => !isNothing(member));

const items = (value: readonly unknown[]): unknown[] => value.filter((item) => !isNothing(item));

/** A value of a query, form or cookie. Nothing for a value that has no parts. */
export function toPairs({ name, style, explode }: Style, value: unknown, encode: Encode): Pairs {
  if (isNothing(value)) return [];
  if (style === 'deepObject') return deepPairs(encode(name), value, encode);
  const separator = style === 'spaceDelimited' ? encode(' ') : style === 'pipeDelimited' ? encode('|') : ',';
  if (Array.isArray(value)) {
    const texts = items(value).map((item) => encode(toText(item)));
    if (texts.length === 0) return [];
    return explode ? texts.map((text) => [encode(name), text]) : [[encode(name), texts.join(separator)]];
  }
  if (!isObject(value)) return [[encode(name), encode(toText(value))]];
  const parts = members(value).map(([key, member]): [string, string] => [encode(key), encode(toText(member))]);
  if (parts.length === 0) return [];
  return explode ? parts : [[encode(name), parts.map((part) => part.join(separator)).join(separator)]];
}

/** `filter[created][gte]=1`, and `items[0][id]=1` as servers of such queries read lists of objects. */
function deepPairs(name: string, value: unknown, encode: Encode): Pairs {
  if (isNothing(value)) return [];
  if (Array.isArray(value))
    return items(value).flatMap((item, index) => deepPairs(`${name}${encode(`[${index}]`)}`, item, encode));
  if (!isObject(value)) return [[name, encode(toText(value))]];
  return members(value).flatMap(([key, member]) => deepPairs(`${name}${encode(`[${key}]`)}`, member, encode));
}

const starts: { [style in ParameterPlan['style']]?: string } = { matrix: ';', label: '.' };

/** A value of a path, or of a header, where it stays as it is. Empty for a value that has no parts. */
export function toSegment({ name, style, explode }: Style, value: unknown, encode: Encode): string {
  const start = starts[style] ?? '';
  const named = style === 'matrix' ? `${encode(name)}=` : '';
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return `${start}${named}${encode(toText(value))}`;
  const parts = isList
    ? items(value).map((item) => encode(toText(item)))
    : members(value).map(([key, member]) => `${encode(key)}${explode ? '=' : ','}${encode(toText(member))}`);
  if (parts.length === 0) return '';
  if (!explode) return `${start}${named}${parts.join(',')}`;
  return isList ? `${start}${named}${parts.join(`${start || ','}${named}`)}` : `${start}${parts.join(start || ',')}`;
}
