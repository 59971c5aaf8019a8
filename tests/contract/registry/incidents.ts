import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';

/** One open incident, of a workflow. Written directly. */
export async function makeIncident(
  { db }: Pick<Deps, 'db'>,
  of: { orgId: string; serverId: string; workflowId: string; runId: string },
): Promise<{ incidentId: string }> {
  const { orgId, serverId, workflowId, runId } = of;
  const incidentId = newId();
  const [model, at] = ['builtin/scripted', new Date()];
  const key = `${workflowId}:${model}`;
  const open = { incidentId, level: 'bad', openedAt: at.getTime(), failures: 1 };
  const failures = [{ at: at.getTime(), outcome: 'fail' }];
  await db.alertSubject.create({
    data: { orgId, kind: 'workflow', key, state: { seenAt: at.getTime(), open, failures, rules: {} } },
  });
  await db.incident.create({
    data: {
      id: incidentId,
      orgId,
      subjectKind: 'workflow',
      subjectKey: key,
      serverId,
      workflowId,
      model,
      level: 'bad',
      summary: 'A criterion was not met: calls `search_products` once',
      cause: { outcome: 'fail', runId },
      openedAt: at,
      lastFailedAt: at,
    },
  });
  return { incidentId };
}
