import type { Db, Tx } from '../index.ts';
import { lockName } from './locks.ts';

/**
 * Marks a pending run as running, unless as many runs of the organization are running as may, or others have waited
 * longer: then it waits. One after the other for each organization, over all workers.
 * @returns whether it may begin, or has begun or ended before
 */
export async function admitRun(
  tx: Tx,
  { orgId, runId, most, now }: { orgId: string; runId: string; most: number; now: Date },
): Promise<boolean> {
  await lockName(tx, `runs/${orgId}`);
  const [run] = await tx.$queryRaw<{ isOpen: boolean; waitingSince: Date | null }[]>`
    SELECT "status" = 'pending' AND "cancelRequestedBy" IS NULL AS "isOpen", "waitingSince" FROM "Run"
    WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid`;
  if (!run?.isOpen) return true;
  const at = now.toISOString();
  const since = (run.waitingSince ?? now).toISOString();
  const [counted] = await tx.$queryRaw<{ before: number }[]>`
    SELECT count(*)::int AS "before" FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "status" IN ('pending', 'running')
      AND ("status" = 'running' OR ("waitingSince" IS NOT NULL AND "cancelRequestedBy" IS NULL AND "id" <> ${runId}::uuid
        AND (${run.waitingSince === null}::boolean OR ("waitingSince", "id") < (${since}::timestamptz, ${runId}::uuid))))`;
  const isAdmitted = (counted?.before ?? 0) < most;
  await (isAdmitted
    ? tx.$executeRaw`UPDATE "Run" SET "status" = 'running', "startedAt" = ${at}::timestamptz
        WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "status" = 'pending'`
    : tx.$executeRaw`UPDATE "Run" SET "waitingSince" = coalesce("waitingSince", ${at}::timestamptz)
        WHERE "orgId" = ${orgId}::uuid AND "id" = ${runId}::uuid AND "status" = 'pending'`);
  return isAdmitted;
}

/** The runs that wait and may begin now, the longest waiting first. @param of.most null: all of them */
export async function findAdmissible(
  db: Db,
  { orgId, most }: { orgId: string; most: number | null },
): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "status" = 'pending' AND "waitingSince" IS NOT NULL
      AND "cancelRequestedBy" IS NULL
    ORDER BY "waitingSince", "id"
    LIMIT CASE WHEN ${most}::int IS NULL THEN 100 ELSE greatest(0, ${most}::int - (
      SELECT count(*)::int FROM "Run" WHERE "orgId" = ${orgId}::uuid AND "status" = 'running')) END`;
  return rows.map(({ id }) => id);
}

/** Organizations in which runs wait. */
export async function findWaitingOrganizations(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT o."id" FROM "Organization" o WHERE EXISTS (
      SELECT FROM "Run" r WHERE r."orgId" = o."id" AND r."status" = 'pending' AND r."waitingSince" IS NOT NULL)`;
  return rows.map(({ id }) => id);
}
