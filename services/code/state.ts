import { type FullAlertRule, fromConditions } from '../../domain/code/alert-rule.ts';
import { type FullMonitor, fromMonitorSettings } from '../../domain/code/monitor.ts';
import { type FullWorkflow, fromDefinition } from '../../domain/code/workflow.ts';
import { alertConditions, destination as destinationSchema } from '../../domain/notification/rule.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { Redactor } from '../../infra/redaction/index.ts';
import type {
  AlertRuleModel,
  MaintenanceWindowModel,
  MonitorModel,
  WorkflowModel,
} from '../../prisma/generated/models.ts';
import { objectOf } from '../monitor/reading/view.ts';
import { parseDefinition } from '../workflow/reading/view.ts';

export type Named = { id: string; name: string; isLive: boolean };
export type NamedServer = Named & { url: string; transport: string };
export type NamedProfile = Named & { serverId: string; isDefault: boolean };
export type SlackWorkspace = Named & { teamId: string };

export type WorkflowItem = { row: WorkflowModel; definition: WorkflowDefinition; full: FullWorkflow };
/** `full` has the arguments masked, `row` as they are. */
export type MonitorItem = { row: MonitorModel; full: FullMonitor };
export type RuleItem = { row: AlertRuleModel; full: FullAlertRule };

/** Everything of a workspace that files can say. */
export type WorkspaceState = {
  servers: NamedServer[];
  profiles: NamedProfile[];
  webhooks: Named[];
  slack: SlackWorkspace[];
  workflows: WorkflowItem[];
  monitors: MonitorItem[];
  /** Without those whose target or destination is gone: they notify nobody. */
  rules: RuleItem[];
  /** Those that aren't over. */
  windows: MaintenanceWindowModel[];
};

export type RedactorOf = (ref: { serverId: string; authProfileId: string }) => Redactor;

/** Reads what a workspace has, with the same statements inside and outside of a transaction. */
export async function loadWorkspace(
  db: Db | Tx,
  { orgId, redactorOf, now }: { orgId: string; redactorOf: RedactorOf; now: Date },
): Promise<WorkspaceState> {
  const order = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
  // One after the other: a transaction has one connection.
  const servers = (
    await db.server.findMany({
      where: { orgId },
      orderBy: [...order],
      select: { id: true, name: true, url: true, transport: true, archivedAt: true },
    })
  ).map(toNamed);
  const profiles = (
    await db.authProfile.findMany({
      where: { orgId },
      orderBy: [...order],
      select: { id: true, name: true, serverId: true, isDefault: true, archivedAt: true },
    })
  ).map(toNamed);
  const webhooks = (
    await db.webhook.findMany({ where: { orgId }, select: { id: true, name: true, archivedAt: true } })
  ).map(toNamed);
  const slack = (
    await db.slackInstallation.findMany({
      where: { orgId },
      select: { id: true, teamId: true, teamName: true, state: true },
    })
  ).map(({ id, teamId, teamName, state }) => ({ id, teamId, name: teamName, isLive: state === 'connected' }));
  const workflows = await loadWorkflows(db, { orgId, profiles });
  const monitors = (await db.monitor.findMany({ where: { orgId, archivedAt: null }, orderBy: [...order] })).map((row) =>
    toMonitorItem(row, { profiles, redactorOf }),
  );
  const rules = await db.alertRule.findMany({ where: { orgId, archivedAt: null }, orderBy: [...order] });
  const windows = await db.maintenanceWindow.findMany({
    where: { orgId, endsAt: { gt: now } },
    orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
  });
  const state = { servers, profiles, webhooks, slack, workflows, monitors, windows };
  return { ...state, rules: rules.flatMap((row) => toRuleItem(row, state)) };
}

const toNamed = <T extends { archivedAt: Date | null }>({ archivedAt, ...rest }: T) => ({
  ...rest,
  isLive: archivedAt === null,
});

async function loadWorkflows(
  db: Db | Tx,
  { orgId, profiles }: { orgId: string; profiles: readonly NamedProfile[] },
): Promise<WorkflowItem[]> {
  const rows = await db.workflow.findMany({
    where: { orgId, state: { not: 'archived' } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const versions = await db.workflowVersion.findMany({
    where: { orgId, id: { in: rows.map(({ activeVersionId }) => activeVersionId) } },
    select: { id: true, definition: true },
  });
  const byId = new Map(versions.map((version) => [version.id, version]));
  const names = new Map(profiles.map(({ id, name }) => [id, name]));
  return rows.flatMap((row) => {
    const version = byId.get(row.activeVersionId);
    // Saved between the two statements: whatever is planned about it is refused as stale.
    if (!version) return [];
    const definition = parseDefinition(version);
    const authProfile = definition.authProfileId === null ? null : (names.get(definition.authProfileId) ?? null);
    return [{ row, definition, full: fromDefinition(definition, { id: row.slug, tags: row.tags, authProfile }) }];
  });
}

function toMonitorItem(
  row: MonitorModel,
  { profiles, redactorOf }: { profiles: readonly NamedProfile[]; redactorOf: RedactorOf },
): MonitorItem {
  const profile = profiles.find(({ id }) => id === row.authProfileId);
  const settings = { ...row, arguments: objectOf(redactorOf(row).value(row.arguments)) };
  const authProfile = profile?.isDefault && profile.isLive ? null : (profile?.name ?? null);
  return { row, full: fromMonitorSettings(settings, { id: row.slug, authProfile }) };
}

type Around = Omit<WorkspaceState, 'rules'>;

function toRuleItem(row: AlertRuleModel, around: Around): RuleItem[] {
  const target = toTarget(row, around);
  const destination = toDestination(row.destination, around);
  if (target === null || destination === null) return [];
  return [
    {
      row,
      full: { name: row.name, target, destination, conditions: fromConditions(alertConditions.parse(row.conditions)) },
    },
  ];
}

function toTarget({ targetKind, targetId }: AlertRuleModel, around: Around): FullAlertRule['target'] | null {
  const server = around.servers.find(({ id, isLive }) => id === targetId && isLive)?.name;
  const workflow = around.workflows.find(({ row }) => row.id === targetId)?.row.slug;
  const monitor = around.monitors.find(({ row }) => row.id === targetId)?.row.slug;
  switch (targetKind) {
    case 'all_workflows':
    case 'all_monitors':
    case 'all_servers':
    case 'report':
    case 'installation':
      return targetKind;
    case 'workflow':
      return workflow === undefined ? null : { workflow };
    case 'monitor':
      return monitor === undefined ? null : { monitor };
    case 'server':
      return server === undefined ? null : { server };
    case 'tool_changes':
      if (targetId === null) return 'tool_changes';
      return server === undefined ? null : { tool_changes: server };
    default:
      return null;
  }
}

function toDestination(stored: unknown, { webhooks, slack }: Around): FullAlertRule['destination'] | null {
  if (stored === null) return null;
  const destination = destinationSchema.parse(stored);
  if (destination.kind === 'email') return { email: destination.address };
  if (destination.kind === 'webhook') {
    const webhook = webhooks.find(({ id, isLive }) => id === destination.webhookId && isLive);
    return webhook ? { webhook: webhook.name } : null;
  }
  const workspace = slack.find(({ id }) => id === destination.installationId);
  if (!workspace) return null;
  const isShared = slack.some(({ id, name }) => id !== workspace.id && name === workspace.name);
  return { slack: isShared ? workspace.teamId : workspace.name, channel: destination.channel };
}
