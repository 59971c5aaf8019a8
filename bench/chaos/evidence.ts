import { incidentCause } from '../../domain/incident/incident.ts';
import { notificationState } from '../../domain/incident/state.ts';
import { destination as destinationSchema } from '../../domain/notification/rule.ts';
import { temporalNames } from '../../domain/run/ids.ts';
import type { Stack } from '../../tests/faults/stack.ts';
import type { DeliveryEvidence, IncidentEvidence } from './judge-alerts.ts';
import type { CheckEvidence } from './judge-checks.ts';
import type { RunEvidence } from './judge-runs.ts';

/** Reads what is there of the time until `at`. */
export async function readRuns({ deps, orgId }: Stack, at: Date): Promise<RunEvidence[]> {
  const { db } = deps;
  const runs = await db.run.findMany({ where: { orgId, createdAt: { lte: at } } });
  const count = { by: ['runId' as const], _count: { _all: true as const } };
  const answers = await db.traceEvent.groupBy({ ...count, where: { orgId, type: 'final_answer' } });
  const interrupted = await db.toolCall.groupBy({ ...count, where: { orgId, outcome: 'interrupted' } });
  const toCounts = (rows: typeof answers | typeof interrupted) =>
    new Map(rows.map(({ runId, _count }) => [runId, _count._all]));
  const [finalAnswers, interruptedCalls] = [toCounts(answers), toCounts(interrupted)];
  return runs.map((run) => ({
    ...run,
    finalAnswers: finalAnswers.get(run.id) ?? 0,
    interruptedCalls: interruptedCalls.get(run.id) ?? 0,
  }));
}

/** The id of the Temporal workflow of each execution of a run. */
export async function readExecutions({ deps, config }: Stack): Promise<string[]> {
  const prefix = temporalNames(config.installation).run('');
  const ids: string[] = [];
  for await (const { workflowId } of deps.temporal.client.workflow.list({ query: "WorkflowType = 'run'" }))
    if (workflowId.startsWith(prefix)) ids.push(workflowId);
  return ids;
}

export const readChecks = ({ deps, orgId }: Stack): Promise<CheckEvidence[]> =>
  deps.db.check.findMany({
    where: { orgId },
    select: { monitorId: true, scheduledAt: true, key: true, outcome: true },
  });

/** How many checks the roll-ups have counted, by monitor. */
export async function readRollUps({ deps: { db }, orgId }: Stack) {
  const of = {
    where: { orgId },
    select: { monitorId: true, pass: true, degraded: true, fail: true, error: true, notReached: true },
  };
  return { hours: toTotals(await db.checkHour.findMany(of)), days: toTotals(await db.checkDay.findMany(of)) };
}

type RollUp = { monitorId: string } & Record<'pass' | 'degraded' | 'fail' | 'error' | 'notReached', number>;

function toTotals(rows: readonly RollUp[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { monitorId, pass, degraded, fail, error, notReached } of rows)
    totals.set(monitorId, (totals.get(monitorId) ?? 0) + pass + degraded + fail + error + notReached);
  return totals;
}

/** Incidents that opened until `at`, with the rules that have to notify of each. */
export async function readIncidents({ deps: { db }, orgId }: Stack, at: Date): Promise<IncidentEvidence[]> {
  const incidents = await db.incident.findMany({ where: { orgId, openedAt: { lte: at } } });
  const rules = await db.alertRule.findMany({
    where: { orgId, targetKind: { in: ['all_monitors', 'all_workflows'] } },
  });
  return incidents.map(({ id, subjectKind, subjectKey, openedAt, closedAt, parentId, cause }) => {
    const targetKind = { monitor: 'all_monitors', workflow: 'all_workflows' }[subjectKind];
    // A server that doesn't answer may do so again before that is notified.
    const isNotified = parentId === null && incidentCause.parse(cause).reason === undefined;
    const ruleIds = rules.filter((rule) => isNotified && rule.targetKind === targetKind).map((rule) => rule.id);
    return { id, subject: `${subjectKind} ${subjectKey}`, openedAt, closedAt, ruleIds };
  });
}

/** Of the incidents that opened until `at`, however late their rules decided. */
export async function readDeliveries({ deps: { db }, orgId }: Stack, at: Date): Promise<DeliveryEvidence[]> {
  const rows = await db.delivery.findMany({ where: { orgId, incident: { openedAt: { lte: at } } } });
  return rows.map(({ id, ruleId, incidentId, kind, sequence, state, error, providerId, destination }) => ({
    id,
    ruleId,
    incidentId: incidentId ?? '',
    kind,
    sequence: sequence ?? 0,
    state,
    error,
    providerId,
    service: destinationSchema.parse(destination).kind,
  }));
}

/** `<rule id> <incident id>` of what flaps. */
export async function readFlapping({ deps: { db }, orgId }: Stack): Promise<Set<string>> {
  const rows = await db.incidentTelling.findMany({ where: { orgId, dueAt: { gt: new Date() } } });
  return new Set(
    rows
      .filter(({ state }) => notificationState.parse(state).flapping > 0)
      .map(({ ruleId, incidentId }) => `${ruleId} ${incidentId}`),
  );
}
