import {
  type BudgetLevel,
  budgetLevels,
  type Cap,
  explainUse,
  findTightest,
  getBudgetLevel,
} from '../../domain/budget/budget.ts';
import { getBounds } from '../../domain/budget/month.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { Deps } from '../context/context.ts';
import { startDeliveries } from '../delivery/start.ts';
import { notifyIn } from '../incident/recording/notify.ts';
import { recordObservationsIn, type SubjectObservation } from '../incident/recording/record.ts';
import { lockSubjects, saveSubjects, subjectId } from '../incident/recording/subject.ts';
import { toCauseLine } from '../incident/recording/text.ts';
import { loadCaps } from './caps.ts';

const kind = 'budget' as const;
const levelOf = { ok: 'ok', near: 'warn', reached: 'bad' } as const satisfies { [level in BudgetLevel]: string };

/** Key of the subject of a cap: `ceiling`, `workspace`, or the workflow's id. */
const toKey = ({ scope, workflowId }: Cap): string => workflowId ?? scope;

/**
 * Records how much of each budget is used in its incident, which is open from 80 % on: it closes when the month (UTC)
 * is over, or when the budget is raised or removed. Not a use case: part of the end of a run, of setting a budget and
 * of reconcile. Doing it again changes nothing.
 * @param of.workflowId only the budgets of a run of this workflow
 */
export async function observeBudgets(deps: Deps, of: { orgId: string; workflowId?: string }): Promise<void> {
  const { orgId, workflowId } = of;
  const { month, caps } = await loadCaps(deps, { orgId, ...(workflowId !== undefined && { workflowId }) });
  const open = await deps.db.incident.findMany({
    where: {
      orgId,
      subjectKind: kind,
      closedAt: null,
      ...(workflowId !== undefined && { subjectKey: { in: ['ceiling', 'workspace', workflowId] } }),
    },
    select: { subjectKey: true, level: true, workflowId: true },
  });
  const levels = new Map(open.map(({ subjectKey, level }) => [subjectKey, level]));
  const tightest = [...Map.groupBy(caps, toKey)].flatMap(([key, all]) => {
    const cap = findTightest(all);
    return cap ? [{ key, cap }] : [];
  });
  const removed = open.filter(({ subjectKey }) => !tightest.some(({ key }) => key === subjectKey));
  const due: SubjectObservation[] = [
    ...tightest
      .filter(({ key, cap }) => (levels.get(key) ?? 'ok') !== levelOf[getBudgetLevel(cap)])
      .map(({ key, cap }) => toObservation(deps, key, { cap, month })),
    ...removed.map(({ subjectKey, workflowId }) => toObservation(deps, subjectKey, { workflowId })),
  ];
  if (due.length === 0) return;
  const deliveries = await deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, due);
    const accepted = await findAccepted(tx, { orgId, since: getBounds(month).start });
    const observations = due.flatMap((item): SubjectObservation[] => {
      const state = subjects.get(subjectId(item))?.state;
      // Another process has recorded it meanwhile, or a person has closed it, and it is no worse.
      if ((state?.open?.level ?? 'ok') === item.observation.level) return [];
      if (!state?.open && rank(item.observation.level) <= rank(accepted.get(item.key))) return [];
      return [
        { ...item, observation: { ...item.observation, at: Math.max(item.observation.at, (state?.seenAt ?? 0) + 1) } },
      ];
    });
    const incidents = await recordObservationsIn(tx, { orgId, subjects, observations, now: deps.now() });
    const refs = await notifyIn(tx, deps, { orgId, subjects, incidents });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return refs;
  });
  await startDeliveries(deps, deliveries);
}

function toObservation(
  { now }: Pick<Deps, 'now'>,
  key: string,
  of: { cap: Cap; month: string } | { workflowId: string | null },
): SubjectObservation {
  const level = 'cap' in of ? levelOf[getBudgetLevel(of.cap)] : 'ok';
  const workflowId = 'cap' in of ? of.cap.workflowId : of.workflowId;
  return {
    kind,
    key,
    serverId: null,
    ...(workflowId !== null && { workflowId }),
    observation: { at: now().getTime(), level, outcome: kind },
    cause: { outcome: kind, ...('cap' in of && { message: toCauseLine(explainUse(of.cap, of.month)) }) },
  };
}

/** -1 without a level. */
const rank = (level: string | undefined): number => budgetLevels.findIndex((name) => levelOf[name] === level);

/** The level at which people closed an incident of each budget this month. */
async function findAccepted(tx: Tx, { orgId, since }: { orgId: string; since: Date }): Promise<Map<string, string>> {
  const rows = await tx.incident.findMany({
    where: { orgId, subjectKind: kind, closeReason: 'accepted', closedAt: { gte: since } },
    orderBy: { closedAt: 'asc' },
    select: { subjectKey: true, level: true },
  });
  return new Map(rows.map(({ subjectKey, level }) => [subjectKey, level]));
}
