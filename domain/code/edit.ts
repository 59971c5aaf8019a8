import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { sameJson, toEntries } from '../json/json.ts';
import { compactAlertRule, fillAlertRule } from './alert-rule.ts';
import { escapeEnvironment } from './environment.ts';
import { compactMonitor, fillMonitor } from './monitor.ts';
import type { CodeFile, SentFile } from './schema.ts';
import { compactWorkflow, fillWorkflow } from './workflow.ts';

type Json = { [member: string]: unknown };

/**
 * Changes a file so that it says what a server has. Comments, order and spelling stay wherever the meaning is the same
 * already. Items that the server lacks stay as well. @returns whether anything changed
 */
export function editFile({ document, file }: Parsed, now: SentFile): boolean {
  const sections: [string, Change[]][] = [
    ['workflows', (now.workflows ?? []).map((item) => changeWorkflow(file, item))],
    ['monitors', (now.monitors ?? []).map((item) => changeMonitor(file, item))],
    ['alertRules', (now.alertRules ?? []).map((item) => changeRule(file, item))],
    ['maintenance', (now.maintenance ?? []).map((item) => changeMaintenance(file, item))],
  ];
  let isChanged = false;
  for (const [name, changes] of sections)
    for (const change of changes) if (writeChange(document, name, change)) isChanged = true;
  return isChanged;
}

type Parsed = { document: Document; file: CodeFile };

export function removeItem({ document }: Parsed, section: string, index: number): void {
  document.deleteIn([section, index]);
  const list: unknown = document.get(section, true);
  if (isSeq(list) && list.items.length === 0) document.delete(section);
}

/** In the document and in what was read of it. */
export function renameServer({ document, file }: Parsed, name: string): void {
  document.setIn(['server', 'name'], name);
  if (file.server) file.server.name = name;
}

/** `at`: where the item is; null for a new one. `before` and `after` have every member, `compact` what a file needs. */
type Change = { at: number | null; before: Json; after: Json; compact: Json };

const found = (index: number): number | null => (index < 0 ? null : index);

function changeWorkflow(
  { workflows = [], defaults }: CodeFile,
  item: NonNullable<SentFile['workflows']>[number],
): Change {
  const at = workflows.findIndex(({ id }) => id === item.id);
  const [old] = at < 0 ? [] : [workflows[at]];
  const before = old ? fillWorkflow(old, defaults) : null;
  // How often `armature test` runs it is the file's alone.
  const after = { ...fillWorkflow(item), ...(before && { repeat: before.repeat }) };
  return { at: found(at), before: before ?? {}, after, compact: compactWorkflow(after, defaults) };
}

function changeMonitor({ monitors = [] }: CodeFile, item: NonNullable<SentFile['monitors']>[number]): Change {
  const at = monitors.findIndex(({ id }) => id === item.id);
  const old = monitors[at];
  const after = fillMonitor(item);
  return { at: found(at), before: old ? fillMonitor(old) : {}, after, compact: compactMonitor(after) };
}

function changeRule({ alertRules = [] }: CodeFile, item: NonNullable<SentFile['alertRules']>[number]): Change {
  const at = alertRules.findIndex(({ name }) => name.toLowerCase() === item.name.toLowerCase());
  const old = alertRules[at];
  const after = fillAlertRule(item);
  return { at: found(at), before: old ? fillAlertRule(old) : {}, after, compact: compactAlertRule(after) };
}

function changeMaintenance({ maintenance = [] }: CodeFile, item: NonNullable<SentFile['maintenance']>[number]): Change {
  const isSame = (one: string, other: string) => Date.parse(one) === Date.parse(other);
  const at = maintenance.findIndex((each) => isSame(each.startsAt, item.startsAt) && isSame(each.endsAt, item.endsAt));
  const fill = ({ reason = '' }: { reason?: string | undefined }) => ({ reason });
  const old = maintenance[at];
  return { at: found(at), before: old ? fill(old) : {}, after: fill(item), compact: item };
}

function writeChange(document: Document, section: string, { at, before, after, compact }: Change): boolean {
  const create = (value: unknown) => document.createNode(escapeEnvironment(value), { aliasDuplicateObjects: false });
  if (at === null) {
    const list: unknown = document.get(section, true);
    if (isSeq(list)) list.add(create(compact));
    else document.set(section, create([compact]));
    return true;
  }
  const map: unknown = document.getIn([section, at], true);
  return isMap(map) && updateMap(map, { before, after, compact }, create);
}

/** Members whose own members are compared one by one. */
const groups: ReadonlySet<string> = new Set(['limits', 'retry', 'tools', 'arguments', 'metadata', 'conditions']);

/** Changes what differs in meaning. What the item doesn't need any more goes. */
function updateMap(
  map: YAMLMap,
  { before, after, compact }: Omit<Change, 'at'>,
  create: (value: unknown) => Node,
): boolean {
  let isChanged = false;
  for (const name of new Set([...Object.keys(after), ...Object.keys(before)])) {
    if (sameJson(before[name], after[name])) continue;
    isChanged = true;
    const inner: unknown = map.get(name, true);
    const [old, now] = [toEntries(before[name]), toEntries(after[name])];
    if (groups.has(name) && isMap(inner) && old && now && compact[name] !== undefined) {
      updateMap(inner, { before: toJson(old), after: toJson(now), compact: toJson(toEntries(compact[name])) }, create);
      continue;
    }
    if (compact[name] === undefined) map.delete(name);
    else setMember(map, name, compact[name], create);
  }
  return isChanged;
}

const toJson = (entries: Map<string, unknown> | null): Json => Object.fromEntries(entries ?? []);

function setMember(map: YAMLMap, name: string, value: unknown, create: (value: unknown) => Node): void {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
  const next = create(value);
  if (!pair) {
    map.set(name, next);
    return;
  }
  if (isScalar(pair.value) && isScalar(next)) {
    // The node keeps its comment, and its style: a block of lines ends with a line break, which prompts don't have.
    const isBlock = typeof pair.value.value === 'string' && pair.value.value.endsWith('\n');
    pair.value.value = isBlock && typeof next.value === 'string' ? `${next.value}\n` : next.value;
    return;
  }
  if (isSeq(pair.value) && isSeq(next)) keepItems(pair.value, next);
  else keepComment(pair, next);
}

/** Uses the old nodes of equal items, with their comments. */
function keepItems(list: YAMLSeq, next: YAMLSeq): void {
  const old = [...list.items];
  const [first] = old;
  // A comment above the first item is the list's own in the document.
  if (isNode(first) && list.commentBefore) {
    first.commentBefore = list.commentBefore;
    list.commentBefore = null;
  }
  list.items = next.items.map((item) => {
    const json = toPlain(item);
    const index = old.findIndex((each) => sameJson(toPlain(each), json));
    return index < 0 ? item : old.splice(index, 1)[0];
  });
}

const toPlain = (item: unknown): unknown => (isNode(item) ? item.toJSON() : item);

function keepComment(pair: Pair, next: Node): void {
  if (isNode(pair.value)) {
    if (pair.value.comment) next.comment = pair.value.comment;
    if (pair.value.commentBefore) next.commentBefore = pair.value.commentBefore;
  }
  pair.value = next;
}
