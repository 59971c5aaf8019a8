import { toConditions } from '../../domain/code/alert-rule.ts';
import { toMonitorSettings } from '../../domain/code/monitor.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import { sameJson } from '../../domain/json/json.ts';
import { changedFields } from '../../domain/workflow/definition-diff.ts';
import type { Tx } from '../../infra/db/index.ts';
import { checkDestination } from '../alert-rule/check.ts';
import type { RuleTarget } from '../alert-rule/schema.ts';
import { insertRule, updateRule } from '../alert-rule/store.ts';
import { newId } from '../context/ids.ts';
import { addAuditRow, toJson, type UseCaseContext } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { endWindow } from '../maintenance/end.ts';
import { insertMonitors } from '../monitor/create.ts';
import { bumpIn, toAffectedSchedules } from '../monitor/schedule/follow.ts';
import { moveMonitorsIn } from '../monitor/set-state.ts';
import { argumentsKey } from '../monitor/tool-call/arguments.ts';
import { formatActor } from '../workflow/reading/view.ts';
import { setStateIn } from '../workflow/set-state.ts';
import { insertVersion, insertWorkflow } from '../workflow/store.ts';
import type { MaintenanceStep, MonitorStep, PlannedTarget, RuleStep, Step, WorkflowStep } from './steps.ts';

/** What has to follow after the commit. */
export type Written = {
  timedWorkflowIds: string[];
  monitors: { serverId: string; intervalSeconds: number }[];
  ruleIds: string[];
  deliveries: DeliveryRef[];
};

type Writing = UseCaseContext & { written: Written };

/** Writes the steps of a plan under their locks, each with the audit row that its own use case would write. */
export async function writeSteps(tx: Tx, context: UseCaseContext, steps: readonly Step[]): Promise<Written> {
  const written: Written = { timedWorkflowIds: [], monitors: [], ruleIds: [], deliveries: [] };
  const writing = { ...context, orgId: context.orgId, written };
  await parkCalls(tx, writing, steps);
  // What is archived makes room for calls that are the same.
  const ordered = [...steps.filter(({ next }) => next === null), ...steps.filter(({ next }) => next !== null)];
  for (const step of ordered)
    if (step.kind === 'workflow') await writeWorkflow(tx, writing, step);
    else if (step.kind === 'monitor') await writeMonitor(tx, writing, step);
    else if (step.kind === 'alert_rule') await writeRule(tx, writing, step);
    else await writeMaintenance(tx, writing, step);
  return written;
}

/** Lets monitors exchange their arguments: the index of calls is checked by each statement. */
async function parkCalls(tx: Tx, { orgId }: Writing, steps: readonly Step[]): Promise<void> {
  for (const { kind, current, next } of steps)
    if (kind === 'monitor' && current && next && argumentsKey(next.full.arguments) !== current.row.argumentsKey)
      await tx.monitor.update({
        where: { orgId_id: { orgId, id: current.row.id } },
        data: { argumentsKey: `parked ${current.row.id}` },
      });
}

async function writeWorkflow(tx: Tx, { ctx, orgId, actor, written }: Writing, { current, next }: WorkflowStep) {
  if (!next) {
    const workflowId = current?.row.id ?? '';
    written.deliveries.push(...(await setStateIn(tx, ctx.deps, { orgId, workflowId, state: 'archived' })));
    written.timedWorkflowIds.push(workflowId);
    return addAuditRow(tx, ctx, { action: 'workflow.archive', subject: workflowId });
  }
  const { definition, slug, tags } = next;
  if (!current) {
    const { workflow, version } = await insertWorkflow(tx, { orgId, actor, definition, slug, tags });
    written.timedWorkflowIds.push(workflow.id);
    const data = { name: definition.name, serverId: definition.serverId, versionId: version.id };
    return addAuditRow(tx, ctx, { action: 'workflow.create', subject: workflow.id, data });
  }
  const { row, definition: before } = current;
  const saved = await insertVersion(tx, { row, actor, before, definition });
  if (saved?.isTimed) written.timedWorkflowIds.push(row.id);
  if (saved) {
    const { id: versionId, number } = saved.version;
    const fields = changedFields(before, definition);
    const data = { versionId, number, baseVersionId: row.activeVersionId, fields };
    await addAuditRow(tx, ctx, { action: 'workflow.save', subject: row.id, data });
  }
  if (sameJson(row.tags, tags)) return;
  await tx.workflow.update({ where: { orgId_id: { orgId, id: row.id } }, data: { tags } });
  await addAuditRow(tx, ctx, { action: 'workflow.tag', subject: row.id, data: { tags } });
}

async function writeMonitor(tx: Tx, { ctx, orgId, written }: Writing, { change, current, next }: MonitorStep) {
  if (!next) {
    const rows = current ? [current.row] : [];
    written.deliveries.push(...(await moveMonitorsIn(tx, ctx.deps, { orgId, rows, state: 'archived' })));
    written.monitors.push(...rows);
    const data = { state: 'archived', monitors: rows.map(({ id, name }) => ({ id, name })) };
    return addAuditRow(tx, ctx, { action: 'monitor.archive', subject: current?.row.id ?? null, data });
  }
  const { full, serverId, authProfileId } = next;
  const settings = toMonitorSettings(full);
  if (!current) {
    const rows = await insertMonitors(tx, orgId, [{ ...settings, slug: full.id, serverId, authProfileId }]);
    written.monitors.push(...rows);
    const monitors = rows.map(({ id, name, tool }) => ({ id, name, tool }));
    const data = { intervalSeconds: settings.intervalSeconds, monitors };
    return addAuditRow(tx, ctx, { action: 'monitor.create', subject: serverId, data });
  }
  const { tool: _, arguments: args, ...columns } = settings;
  const row = await tx.monitor.update({
    where: { orgId_id: { orgId, id: current.row.id } },
    data: { ...columns, authProfileId, arguments: toJson(args), argumentsKey: argumentsKey(args) },
  });
  if (row.intervalSeconds !== current.row.intervalSeconds) {
    await bumpIn(tx, orgId, toAffectedSchedules([current.row, row]));
    written.monitors.push(current.row, row);
  }
  // Names alone: arguments may contain what the audit log must not.
  await addAuditRow(tx, ctx, {
    action: 'monitor.edit',
    subject: row.id,
    data: { fields: change.properties.map(({ name }) => name) },
  });
}

async function writeRule(tx: Tx, { ctx, orgId, actor, written, now }: Writing, { current, next }: RuleStep) {
  if (current) written.ruleIds.push(current.row.id);
  if (!next) {
    const id = current?.row.id ?? '';
    await tx.alertRule.update({ where: { orgId_id: { orgId, id } }, data: { archivedAt: now() } });
    return addAuditRow(tx, ctx, { action: 'alert_rule.archive', subject: id, data: { name: current?.row.name } });
  }
  const { full, destination } = next;
  const target = await findTarget(tx, orgId, next.target);
  const conditions = toConditions(full.conditions);
  const rule = { name: full.name, destination, conditions };
  await checkDestination(tx, { orgId, destination });
  const data = { ...rule, target };
  if (current) {
    await updateRule(tx, { orgId, ruleId: current.row.id, ...rule, target: target ?? undefined });
    return addAuditRow(tx, ctx, { action: 'alert_rule.edit', subject: current.row.id, data });
  }
  // The built-in rule is there already.
  if (!target) return;
  const id = newId();
  await insertRule(tx, { id, orgId, actor, ...rule, target });
  await addAuditRow(tx, ctx, { action: 'alert_rule.create', subject: id, data });
}

/** The target's id, of what this push created too. Null: the built-in rule keeps its target. */
async function findTarget(tx: Tx, orgId: string, target: PlannedTarget): Promise<RuleTarget | null> {
  if (target.kind === 'installation') return null;
  if (!('slug' in target)) return target;
  const { kind, slug } = target;
  const select = { id: true } as const;
  const found =
    kind === 'workflow'
      ? await tx.workflow.findFirst({ where: { orgId, slug, state: { not: 'archived' } }, select })
      : await tx.monitor.findFirst({ where: { orgId, slug, archivedAt: null }, select });
  if (!found) throw new ArmatureError('conflict', `The ${kind} "${slug}" has gone.`, 'Make a new plan.');
  return { kind, id: found.id };
}

async function writeMaintenance(tx: Tx, { ctx, orgId, actor, now }: Writing, { current, next }: MaintenanceStep) {
  if (!next) {
    if (!current) return;
    const how = await endWindow(tx, current, now());
    const data = { windowId: current.id, how };
    return addAuditRow(tx, ctx, { action: 'maintenance.end', subject: current.serverId ?? current.id, data });
  }
  const id = current?.id ?? newId();
  if (current) await tx.maintenanceWindow.updateMany({ where: { orgId, id }, data: { reason: next.reason } });
  else await tx.maintenanceWindow.create({ data: { id, orgId, createdBy: formatActor(actor), ...next } });
  await addAuditRow(tx, ctx, {
    action: 'maintenance.create',
    subject: next.serverId ?? id,
    data: { windowId: id, ...next },
  });
}
