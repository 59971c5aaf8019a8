import type { Db } from '../index.ts';

/** Names of the migrations that are applied. */
export async function findAppliedMigrations(db: Db): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
  return new Set(rows.map(({ migration_name }) => migration_name));
}

export type OpenRun = {
  id: string;
  orgId: string;
  workflowId: string;
  serverId: string;
  cancelRequestedBy: string | null;
};

/** Pending and running runs, oldest first, at most `limit` of each organization. */
export function findOpenRuns(
  db: Db,
  of: { manualBefore: Date; scheduledBefore: Date; limit: number },
): Promise<OpenRun[]> {
  return db.$queryRaw<OpenRun[]>`
    SELECT r.* FROM "Organization" o CROSS JOIN LATERAL (
      SELECT "id", "orgId", "workflowId", "serverId", "cancelRequestedBy" FROM "Run"
      WHERE "orgId" = o."id" AND "status" IN ('pending', 'running')
        AND "createdAt" < CASE "trigger" WHEN 'manual' THEN ${of.manualBefore.toISOString()}::timestamptz
                                         ELSE ${of.scheduledBefore.toISOString()}::timestamptz END
      ORDER BY "createdAt" LIMIT ${of.limit}::int) r`;
}

/**
 * Messages of runs since a time that a refused API key ended, with no graded run of the same workflow and model after
 * them.
 */
export async function findRefusedKeyMessages(
  db: Db,
  { orgId, since }: { orgId: string; since: Date },
): Promise<string[]> {
  const rows = await db.$queryRaw<{ message: string }[]>`
    SELECT r."errorMessage" AS "message" FROM "Run" r
    WHERE r."orgId" = ${orgId}::uuid AND r."status" = 'error' AND r."errorKind" IN ('model', 'judge')
      AND r."createdAt" > ${since.toISOString()}::timestamptz
      AND r."errorMessage" LIKE '%refused its API key%'
      AND NOT EXISTS (SELECT 1 FROM "Run" l WHERE l."orgId" = r."orgId" AND l."workflowId" = r."workflowId" AND l."model" = r."model"
        AND l."createdAt" > r."createdAt" AND l."status" IN ('pass', 'partial', 'fail'))
    ORDER BY r."createdAt" DESC LIMIT 50`;
  return rows.map(({ message }) => message);
}
