import { diffSequence } from '../../domain/run/sequence-diff.ts';
import type { Plan } from '../client/answers.ts';
import { oneLine, type Style } from '../output/style.ts';

const signs = { create: '+', change: '~', archive: '-' } as const;
const colors = { create: 'green', change: 'yellow', archive: 'red' } as const;
const kinds: { [kind: string]: string } = { alert_rule: 'alert rule' };

/** A plan for people: each item, and below it each property with what it was and will be. */
export function toPlanLines({ changes }: Pick<Plan, 'changes'>, style: Style): string[] {
  return changes.flatMap(({ action, kind, id, properties }) => [
    style(colors[action], `${signs[action]} ${action} ${kinds[kind] ?? kind} ${oneLine(id)}`),
    ...properties.flatMap(({ name, before, after }) => toPropertyLines(name, { before, after, action }, style)),
  ]);
}

function toPropertyLines(
  name: string,
  { before, after, action }: { before: unknown; after: unknown; action: keyof typeof signs },
  style: Style,
): string[] {
  const label = `    ${oneLine(name, 100)}`;
  if (action === 'create') return [`${label}: ${show(after)}`];
  const [old, now] = [toLines(before), toLines(after)];
  if (old.length + now.length <= 2) return [`${label}: ${show(before)} → ${show(after)}`];
  return [
    `${label}:`,
    ...diffSequence(old, now).flatMap((step) => {
      if (step.op === 'removed') return [style('red', `      - ${oneLine(old[step.before] ?? '')}`)];
      return step.op === 'added' ? [style('green', `      + ${oneLine(now[step.after] ?? '')}`)] : [];
    }),
  ];
}

const show = (value: unknown): string =>
  value === null ? 'none' : oneLine(typeof value === 'string' ? value : JSON.stringify(value));

/** Lines of a text, entries of a list. */
function toLines(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
  if (value === null) return [];
  return typeof value === 'string' ? value.split('\n') : [JSON.stringify(value)];
}

/** `2 to create, 1 to change`. */
export function summarize({ changes }: Pick<Plan, 'changes'>): string {
  const counts = (['create', 'change', 'archive'] as const).map((action) => ({
    action,
    count: changes.filter((change) => change.action === action).length,
  }));
  return counts.flatMap(({ action, count }) => (count > 0 ? [`${count} to ${action}`] : [])).join(', ');
}
