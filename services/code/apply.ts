import type { z } from 'zod';
import { ArmatureError, type Warning } from '../../domain/error/error.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockServers, tryLockName } from '../../infra/db/queries/locks.ts';
import { lockSlugs } from '../../infra/db/queries/slug.ts';
import { lockWorkflowRow } from '../../infra/db/queries/workflow.ts';
import { lockRuleNames } from '../alert-rule/store.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { endNotificationsOfRule } from '../incident/recording/end-rule.ts';
import { loadModels } from '../model/load.ts';
import { followSchedules, toAffectedSchedules } from '../monitor/schedule/follow.ts';
import { syncScheduleOrWarn } from '../workflow/sync-schedule.ts';
import { computePlan, loadAllRedactors } from './compute.ts';
import { applyInput, type applyOutput } from './schema.ts';
import type { Step } from './steps.ts';
import { type Written, writeSteps } from './write.ts';

/** A push of a thousand items takes seconds. */
const timeoutMs = 60_000;

/**
 * Applies files to the workspace, exactly as a plan said: all of it in one transaction, or nothing. Schedules follow
 * after it.
 * @throws ArmatureError `plan_stale`, `validation_failed`, `conflict` (another push is under way, or something was
 *   created under the same id)
 */
export const applyCode = useCase({
  name: 'code.apply',
  access: 'editor',
  input: applyInput,
  async run(context, { token, ...input }): Promise<z.input<typeof applyOutput>> {
    const { ctx, db, orgId, write, now } = context;
    const around = {
      orgId,
      models: await loadModels(ctx.deps, orgId),
      redactorOf: await loadAllRedactors(ctx.deps, orgId),
      now: now(),
    };
    const planned = await computePlan(db, input, around);
    if (planned.plan.token !== token) throw stalePlan();
    const { notInFiles, warnings } = planned.plan;
    if (planned.steps.length === 0) return { changes: [], notInFiles, warnings };
    const written = await write(
      async (tx) => {
        await lockAll(tx, orgId, planned.steps);
        const { plan, steps } = await computePlan(tx, input, around);
        if (plan.token !== token) throw stalePlan();
        return writeSteps(tx, context, steps);
      },
      { subject: null, data: { token, changes: planned.plan.changes.length } },
      { timeout: timeoutMs },
    );
    const late = await follow(ctx.deps, orgId, written);
    return { changes: planned.plan.changes, notInFiles, warnings: [...warnings, ...late] };
  },
});

const stalePlan = () =>
  new ArmatureError(
    'plan_stale',
    'The workspace has changed since this plan was made. Nothing was applied.',
    'Make a new plan, look at it, and apply that one.',
  );

/**
 * Locks all that the steps are about, in the order of every other transaction: servers, rules, workflows, slugs.
 * @throws ArmatureError `conflict` when another push has the locks; it would wait with one of few connections
 */
async function lockAll(tx: Tx, orgId: string, steps: readonly Step[]): Promise<void> {
  if (!(await tryLockName(tx, `code/${orgId}`)))
    throw new ArmatureError(
      'conflict',
      'Another push to this workspace is being applied. Nothing was applied.',
      'Wait until it has ended, then make a new plan.',
    );
  const serverIds = steps.flatMap(({ kind, current, next }) => {
    if (kind === 'monitor') return [current?.row.serverId ?? [], next?.serverId ?? []].flat();
    return kind === 'maintenance' ? [current?.serverId ?? [], next?.serverId ?? []].flat() : [];
  });
  if (serverIds.length > 0) await lockServers(tx, { orgId, serverIds });
  if (steps.some(({ kind }) => kind === 'alert_rule')) await lockRuleNames(tx, orgId);
  const workflowIds = steps.flatMap(({ kind, current }) => (kind === 'workflow' && current ? [current.row.id] : []));
  for (const workflowId of workflowIds.sort()) await lockWorkflowRow(tx, { orgId, workflowId });
  for (const noun of ['workflow', 'monitor'] as const)
    if (steps.some(({ kind, current }) => kind === noun && current === null)) await lockSlugs(tx, { orgId, noun });
}

/** What happens outside of the database. Reconcile does what fails. */
async function follow(deps: Deps, orgId: string, written: Written): Promise<Warning[]> {
  await startDeliveries(deps, written.deliveries);
  for (const ruleId of written.ruleIds) await endNotificationsOfRule(deps, { orgId, ruleId });
  for (const workflowId of written.timedWorkflowIds) {
    const late = await syncScheduleOrWarn(deps, { orgId, workflowId });
    // While Temporal is away each try takes seconds, and reconcile syncs the marked rows anyway.
    if (late.length > 0) return late;
  }
  return followSchedules(deps, orgId, toAffectedSchedules(written.monitors));
}
