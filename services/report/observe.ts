import type { Tx } from '../../infra/db/index.ts';
import type { Deps } from '../context/context.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { notifyIn } from '../incident/recording/notify.ts';
import { recordObservationsIn } from '../incident/recording/record.ts';
import { lockSubjects, saveSubjects, subjectId } from '../incident/recording/subject.ts';
import { isAccepted, ruleById } from './schema.ts';

const maxLines = 10;

/**
 * Moves the incident of a server's report: it opens when a finding appears that must be corrected and was not in the
 * first report, and recovers when all of these are corrected or accepted.
 */
export async function observeReportIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { orgId, serverId, at }: { orgId: string; serverId: string; at: Date },
): Promise<DeliveryRef[]> {
  const [report, rows, open] = await Promise.all([
    tx.serverReport.findUnique({ where: { orgId_serverId: { orgId, serverId } }, select: { firstAt: true } }),
    tx.reportFinding.findMany({
      where: { orgId, serverId, fixedAt: null, severity: 'must' },
      orderBy: [{ firstSeenAt: 'desc' }, { rule: 'asc' }, { place: 'asc' }],
    }),
    tx.incident.findFirst({
      where: { orgId, subjectKind: 'report', subjectKey: serverId, closedAt: null },
      select: { id: true },
    }),
  ]);
  const since = report?.firstAt ?? at;
  const found = rows.filter((row) => row.firstSeenAt > since && !isAccepted(row, at));
  if (found.length === 0 && !open) return [];
  const key = { kind: 'report' as const, key: serverId };
  const subjects = await lockSubjects(tx, orgId, [key]);
  const state = subjects.get(subjectId(key))?.state;
  const lines = found.map(
    ({ rule, subject }) => `${ruleById.get(rule)?.title ?? rule}${subject === '' ? '' : ` (${subject.slice(0, 100)})`}`,
  );
  const incidents = await recordObservationsIn(tx, {
    orgId,
    subjects,
    observations: [
      {
        ...key,
        serverId,
        observation: {
          at: Math.max(at.getTime(), (state?.seenAt ?? 0) + 1),
          level: found.length > 0 ? 'bad' : 'ok',
          outcome: found.length > 0 ? 'finding' : 'no_finding',
        },
        cause: { outcome: 'finding', changes: lines.slice(0, maxLines) },
      },
    ],
    now: deps.now(),
  });
  const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}
