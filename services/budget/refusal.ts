import { explainRefusal, findTightest, getBudgetLevel } from '../../domain/budget/budget.ts';
import type { Deps } from '../context/context.ts';
import { loadCaps } from './caps.ts';

/**
 * Why a run may not begin: a budget that is used up, for people. Null where there is room, and for a run whose trace
 * has begun: it may end.
 */
export async function findBudgetRefusal(
  deps: Pick<Deps, 'db' | 'config' | 'now'>,
  { orgId, runId, workflowId }: { orgId: string; runId: string; workflowId: string },
): Promise<string | null> {
  const { month, caps } = await loadCaps(deps, { orgId, workflowId });
  const cap = findTightest(caps);
  if (!cap || getBudgetLevel(cap) !== 'reached') return null;
  const begun = await deps.db.traceEvent.findFirst({ where: { orgId, runId }, select: { seq: true } });
  return begun ? null : explainRefusal(cap, month);
}
