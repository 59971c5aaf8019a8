import {
  type AlertConditions,
  alertConditions,
  type RuleTargetKind,
  ruleTargetKinds,
} from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import type { Deps } from '../context/context.ts';
import { createDestinationViews, type DestinationView } from '../destination/view.ts';
import { ruleNotFound } from './errors.ts';

/** Times are ISO 8601. */
export type RuleView = {
  id: string;
  name: string;
  target: {
    kind: RuleTargetKind;
    id: string | null;
    /** Of the workflow, monitor or server; null for the kinds that name none. */
    name: string | null;
    /** The target is archived, so the rule never fires. */
    isArchived: boolean;
  };
  /** Null for the built-in rule until somebody chooses one. */
  destination: DestinationView | null;
  conditions: AlertConditions;
  state: 'watching' | 'paused';
  /** Null unless muted now. */
  mutedUntil: string | null;
  lastFiredAt: string | null;
  /** The rule on Armature itself, which every workspace has. It can't be deleted or get another target. */
  isBuiltIn: boolean;
  isArchived: boolean;
  createdAt: string;
};

type ViewDeps = Pick<Deps, 'db' | 'email' | 'slack' | 'now'>;

/** Rules as readers see them, by a fixed number of queries. */
export async function toRuleViews(
  deps: ViewDeps,
  { orgId, rows }: { orgId: string; rows: readonly AlertRuleModel[] },
): Promise<RuleView[]> {
  const toDestinationView = await createDestinationViews(deps, {
    orgId,
    destinations: rows.flatMap(({ destination }) => (destination === null ? [] : [destination])),
  });
  const targets = await findTargetNames(deps, orgId, rows);
  const at = deps.now();
  return rows.map((row) => {
    const target = row.targetId === null ? undefined : targets.get(row.targetId);
    return {
      id: row.id,
      name: row.name,
      target: {
        kind: oneOf(ruleTargetKinds, row.targetKind),
        id: row.targetId,
        name: target?.name ?? null,
        isArchived: target?.isArchived ?? false,
      },
      destination: row.destination === null ? null : toDestinationView(row.destination),
      conditions: alertConditions.parse(row.conditions),
      state: row.state === 'watching' ? 'watching' : 'paused',
      mutedUntil: row.mutedUntil && row.mutedUntil > at ? row.mutedUntil.toISOString() : null,
      lastFiredAt: row.lastFiredAt?.toISOString() ?? null,
      isBuiltIn: row.targetKind === 'installation',
      isArchived: row.archivedAt !== null,
      createdAt: row.createdAt.toISOString(),
    };
  });
}

/** @throws ArmatureError `alert_rule_not_found` */
export async function getRuleView(
  deps: ViewDeps,
  { orgId, ruleId }: { orgId: string; ruleId: string },
): Promise<RuleView> {
  const row = await deps.db.alertRule.findFirst({ where: { orgId, id: ruleId } });
  const [view] = row ? await toRuleViews(deps, { orgId, rows: [row] }) : [];
  if (!view) throw ruleNotFound();
  return view;
}

type Named = { name: string; isArchived: boolean };

async function findTargetNames(
  { db }: ViewDeps,
  orgId: string,
  rows: readonly Pick<AlertRuleModel, 'targetKind' | 'targetId'>[],
): Promise<Map<string, Named>> {
  const byKind = (...kinds: RuleTargetKind[]) => {
    const ids = rows.flatMap(({ targetKind, targetId }) =>
      kinds.some((kind) => kind === targetKind) && targetId !== null ? [targetId] : [],
    );
    return ids.length === 0 ? null : { where: { orgId, id: { in: ids } } };
  };
  const [workflows, monitors, servers] = [byKind('workflow'), byKind('monitor'), byKind('server', 'tool_changes')];
  const select = { id: true, name: true, archivedAt: true } as const;
  const [foundWorkflows, foundMonitors, foundServers] = await Promise.all([
    workflows ? db.workflow.findMany({ ...workflows, select: { id: true, name: true, state: true } }) : [],
    monitors ? db.monitor.findMany({ ...monitors, select }) : [],
    servers ? db.server.findMany({ ...servers, select }) : [],
  ]);
  return new Map<string, Named>([
    ...foundWorkflows.map(({ id, name, state }) => [id, { name, isArchived: state === 'archived' }] as const),
    ...[...foundMonitors, ...foundServers].map(
      ({ id, name, archivedAt }) => [id, { name, isArchived: archivedAt !== null }] as const,
    ),
  ]);
}
