import { shortHash } from '../schema/hash.ts';
import type { Operation } from './operations.ts';
import type { ToolSettings } from './tool.ts';

export const maxToolNameLength = 48;
export const toolNameForm = /^[A-Za-z0-9_]{1,48}$/;

/**
 * A name for every operation: the one given by a person, the pinned one, else made of `operationId`, or of method and
 * path. Two operations never share one, also not in another case; what a name is doesn't depend on the order.
 */
export function nameOperations(operations: readonly Operation[], settings: ToolSettings): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const take = (key: string, name: string) => {
    if (names.has(key) || taken.has(name.toLowerCase()) || !toolNameForm.test(name)) return;
    names.set(key, name);
    taken.add(name.toLowerCase());
  };
  for (const source of [namesGiven(settings), new Map(Object.entries(settings.pinnedNames ?? {}))])
    for (const { key } of operations) take(key, source.get(key) ?? '');

  const open = operations.filter(({ key }) => !names.has(key));
  const wanted = new Map(open.map((operation) => [operation.key, plainName(operation)]));
  const counts = new Map<string, number>();
  for (const name of wanted.values()) counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
  for (const [key, name] of wanted)
    if (name.length <= maxToolNameLength && counts.get(name.toLowerCase()) === 1) take(key, name);
  for (const [key, name] of wanted)
    for (let round = 0; !names.has(key); round++) take(key, withHash(name, `${key}${'+'.repeat(round)}`));
  return names;
}

const namesGiven = ({ overrides = {} }: ToolSettings): Map<string, string> =>
  new Map(Object.entries(overrides).flatMap(([key, { name }]) => (name === undefined ? [] : [[key, name]])));

const withHash = (name: string, key: string): string => `${name.slice(0, maxToolNameLength - 9)}_${shortHash(key)}`;

function plainName({ node, method, path }: Operation): string {
  const id = typeof node.operationId === 'string' ? clean(node.operationId) : '';
  const name = /[A-Za-z]/.test(id) ? id : clean(`${method.toLowerCase()}_${path}`);
  // Some models' interfaces want a letter first.
  return /^[A-Za-z]/.test(name) ? name : `${method.toLowerCase()}_${name}`;
}

const clean = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
