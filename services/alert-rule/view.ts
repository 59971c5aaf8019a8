import {
  type AlertConditions,
  alertConditions,
  type RuleTargetKind,
  ruleTargetKinds,
} from '../../domain/notification/rule.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import type { Deps } from '../context/context.ts';
import { type DestinationView, destinationViews } from '../destination/view.ts';
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
    /** The target was archived: the rule has nothing to watch. */
    isArchived: boolean;
  };
  /** Null: nobody is told yet (the built-in rule before somebody chooses). */
  destination: DestinationView | null;
  conditions: AlertConditions;
  state: 'watching' | 'paused';
  /** Null unless it is muted now. */
  mutedUntil: string | null;
  lastFiredAt: string | null;
  /** The rule on Armature itself, which every workspace has: it can't be deleted or given another target. */
  isBuiltIn: boolean;
  isArchived: boolean;
  createdAt: string;
};

type Parts = Pick<Deps, 'db' | 'email' | 'slack' | 'now'>;

/** Rules as lists show them: a fixed number of queries, however many they are. */
export async function ruleViews(
  deps: Parts,
  { orgId, rows }: { orgId: string; rows: readonly AlertRuleModel[] },
): Promise<RuleView[]> {
  const destinationOf = await destinationViews(deps, {
    orgId,
    destinations: rows.flatMap(({ destination }) => (destination === null ? [] : [destination])),
  });
  const targets = await targetNames(deps, orgId, rows);
  const at = deps.now();
  return rows.map((row) => {
    const target = row.targetId === null ? undefined : targets.get(row.targetId);
    return {
      id: row.id,
      name: row.name,
      target: {
        kind: kindOf(row.targetKind),
        id: row.targetId,
        name: target?.name ?? null,
        isArchived: target?.isArchived ?? false,
      },
      destination: row.destination === null ? null : destinationOf(row.destination),
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
export async function ruleViewOf(deps: Parts, { orgId, ruleId }: { orgId: string; ruleId: string }): Promise<RuleView> {
  const row = await deps.db.alertRule.findFirst({ where: { orgId, id: ruleId } });
  const [view] = row ? await ruleViews(deps, { orgId, rows: [row] }) : [];
  if (!view) throw ruleNotFound();
  return view;
}

function kindOf(text: string): RuleView['target']['kind'] {
  const kind = ruleTargetKinds.find((each) => each === text);
  if (!kind) throw new Error(`unknown kind of target: ${text}`);
  return kind;
}

type Named = { name: string; isArchived: boolean };

async function targetNames(
  { db }: Parts,
  orgId: string,
  rows: readonly Pick<AlertRuleModel, 'targetKind' | 'targetId'>[],
): Promise<Map<string, Named>> {
  const of = (kind: string) => {
    const ids = rows.flatMap(({ targetKind, targetId }) =>
      targetKind === kind && targetId !== null ? [targetId] : [],
    );
    return ids.length === 0 ? null : { where: { orgId, id: { in: ids } } };
  };
  const [workflows, monitors, servers] = [of('workflow'), of('monitor'), of('tool_changes')];
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
