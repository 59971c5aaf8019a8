import { compactAlertRule, type FullAlertRule, fillAlertRule } from '../../domain/code/alert-rule.ts';
import { diffProperties } from '../../domain/code/properties.ts';
import { sameJson } from '../../domain/json/json.ts';
import { destination as destinationSchema } from '../../domain/notification/rule.ts';
import { hashOf } from './hash.ts';
import { claimId, eachItem, type Planning, toLeftover } from './planning.ts';
import { resolveDestination, resolveServerText } from './resolve.ts';
import type { RuleItem } from './state.ts';
import type { MonitorStep, PlannedTarget, RuleStep, WorkflowStep } from './steps.ts';

type Others = { workflows: readonly WorkflowStep[]; monitors: readonly MonitorStep[] };

/** What has to be done to the alert rules of a workspace. They may target what the same push creates. */
export function planRules(planning: Planning, others: Others): RuleStep[] {
  const { state } = planning;
  const slugs = listSlugs(planning, others);
  const named = new Map<string, string>();
  const steps = eachItem(planning, 'alertRules').flatMap(({ item, field }): RuleStep[] => {
    const full = fillAlertRule(item);
    if (!claimId(planning, named, { id: full.name.toLowerCase(), field, member: 'name' })) return [];
    const current = state.rules.find(({ row }) => row.name.toLowerCase() === full.name.toLowerCase()) ?? null;
    const next = read(planning, { full, current, field, slugs });
    return next ? toStep({ current, next, field }) : [];
  });
  const left = state.rules.filter(({ row }) => !named.has(row.name.toLowerCase()) && row.targetKind !== 'installation');
  return [
    ...steps,
    ...toLeftover(planning, 'alertRules', left, ({ row }) => ({
      kind: 'alert_rule',
      id: row.name,
      name: row.name,
    })).map(
      ({ item, change }): RuleStep => ({
        kind: 'alert_rule',
        change: { ...change, baseVersion: baseOf(item) },
        current: item,
        next: null,
      }),
    ),
  ];
}

const baseOf = ({ row, full }: RuleItem): string => hashOf([row.id, row.targetId, row.destination, full]);

type Slugs = { workflow: ReadonlySet<string>; monitor: ReadonlySet<string> };

/** The workflows and monitors that are there after the push. */
function listSlugs({ state }: Planning, { workflows, monitors }: Others): Slugs {
  const after = (present: readonly { row: { slug: string } }[], steps: readonly (WorkflowStep | MonitorStep)[]) => {
    const slugs = new Set(present.map(({ row }) => row.slug));
    for (const { change } of steps)
      if (change.action === 'archive') slugs.delete(change.id);
      else slugs.add(change.id);
    return slugs;
  };
  return { workflow: after(state.workflows, workflows), monitor: after(state.monitors, monitors) };
}

type Given = { full: FullAlertRule; current: RuleItem | null; field: string; slugs: Slugs };

function read(planning: Planning, { full, current, field, slugs }: Given): RuleStep['next'] {
  const { state, problems } = planning;
  const stored = current && destinationSchema.parse(current.row.destination);
  const used = stored?.kind === 'slack' ? stored.installationId : stored?.kind === 'webhook' ? stored.webhookId : null;
  const destination = resolveDestination(state, full.destination, {
    field: `${field}.destination`,
    current: used,
    problems,
  });
  const target = toTarget(planning, { full, current, field, slugs });
  const isBuiltIn = current?.row.targetKind === 'installation';
  if (target && (target.kind === 'installation') !== isBuiltIn) {
    problems.push({
      field: `${field}.target`,
      message: isBuiltIn
        ? 'The target of the built-in rule is installation. Give the other rule another name.'
        : 'Only the built-in rule has this target. Choose its destination on the Alerts page, then use its name here.',
    });
    return null;
  }
  return target && destination && { full, target, destination };
}

function toTarget(planning: Planning, { full: { target }, current, field, slugs }: Given): PlannedTarget | null {
  const { state, problems } = planning;
  const at = `${field}.target`;
  if (typeof target === 'string') return target === 'tool_changes' ? { kind: target, id: null } : { kind: target };
  if ('server' in target || 'tool_changes' in target) {
    const [kind, name] =
      'server' in target ? (['server', target.server] as const) : (['tool_changes', target.tool_changes] as const);
    const id = resolveServerText(state, name, { field: at, current: current?.row.targetId, problems });
    return id === null ? null : { kind, id };
  }
  const [kind, slug] =
    'workflow' in target ? (['workflow', target.workflow] as const) : (['monitor', target.monitor] as const);
  if (slugs[kind].has(slug)) return { kind, slug };
  problems.push({ field: at, message: `There is no ${kind} with the id ${slug}, here or in the files.` });
  return null;
}

function toStep({
  current,
  next,
  field,
}: {
  current: RuleItem | null;
  next: NonNullable<RuleStep['next']>;
  field: string;
}): RuleStep[] {
  const { full, target, destination } = next;
  const properties = current ? diffProperties(current.full, full) : diffProperties(null, compactAlertRule(full));
  const isSame =
    current !== null &&
    properties.length === 0 &&
    sameJson(current.row.destination, destination) &&
    (!('id' in target) || target.id === current.row.targetId);
  if (isSame) return [];
  return [
    {
      kind: 'alert_rule',
      change: {
        kind: 'alert_rule',
        id: full.name,
        name: full.name,
        action: current ? 'change' : 'create',
        field,
        baseVersion: current && baseOf(current),
        properties,
      },
      current,
      next,
    },
  ];
}
