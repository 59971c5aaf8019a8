import type { Db } from '../index.ts';

/** The actions in an organization's audit log. Reads one row of the index for each, however long the log is. */
export async function findAuditedActions(db: Db, orgId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ action: string }[]>`
    WITH RECURSIVE found AS (
      (SELECT "action" FROM "AuditEvent" WHERE "orgId" = ${orgId}::uuid ORDER BY "action" LIMIT 1)
      UNION ALL
      SELECT (SELECT "action" FROM "AuditEvent" e WHERE e."orgId" = ${orgId}::uuid AND e."action" > f."action"
        ORDER BY "action" LIMIT 1)
      FROM found f WHERE f."action" IS NOT NULL)
    SELECT "action" FROM found WHERE "action" IS NOT NULL`;
  return rows.map(({ action }) => action);
}
