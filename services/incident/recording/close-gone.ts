import type { SubjectKind } from '../../../domain/incident/incident.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { closeIn } from './close.ts';

/**
 * Closes what is open of subjects that were paused or deleted, in the transaction that does that (after it has). Nobody is told:
 * nothing recovered. A server without active monitors has no server incident either; a deleted one (`serverIds`) takes everything of
 * it along.
 */
export async function closeGoneIn(
  tx: Tx,
  of: {
    orgId: string;
    at: Date;
    monitorIds?: readonly string[];
    workflowIds?: readonly string[];
    serverIds?: readonly string[];
  },
): Promise<void> {
  const { orgId, at, monitorIds = [], workflowIds = [], serverIds = [] } = of;
  const incidents = await tx.$queryRaw<{ id: string; kind: SubjectKind; key: string }[]>`
    SELECT i."id", i."subjectKind" AS "kind", i."subjectKey" AS "key" FROM "Incident" i
    WHERE i."orgId" = ${orgId}::uuid AND i."closedAt" IS NULL AND (
      (i."subjectKind" = 'monitor' AND i."monitorId" = ANY(${[...monitorIds]}::uuid[]))
      OR (i."subjectKind" = 'workflow' AND i."workflowId" = ANY(${[...workflowIds]}::uuid[]))
      OR i."serverId" = ANY(${[...serverIds]}::uuid[])
      OR (i."subjectKind" = 'server'
        AND i."serverId" IN (SELECT "serverId" FROM "Monitor" WHERE "orgId" = ${orgId}::uuid AND "id" = ANY(${[...monitorIds]}::uuid[]))
        AND NOT EXISTS (SELECT 1 FROM "Monitor" m WHERE m."orgId" = i."orgId" AND m."serverId" = i."serverId" AND m."state" = 'active')))`;
  await closeIn(tx, { orgId, at, incidents, reason: 'gone' });
}
