import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import type { Tx } from '../index.ts';

/** Locks a rule's row until the transaction ends. @returns null when the organization has no such rule */
export async function lockAlertRule(
  tx: Tx,
  { orgId, ruleId }: { orgId: string; ruleId: string },
): Promise<AlertRuleModel | null> {
  const [row] = await tx.$queryRaw<AlertRuleModel[]>`
    SELECT * FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "id" = ${ruleId}::uuid FOR UPDATE`;
  return row ?? null;
}

/** Whether another rule that isn't deleted has this name, in any case. @param of.ruleId the rule that may have it */
export async function isRuleNameTaken(
  tx: Tx,
  { orgId, name, ruleId }: { orgId: string; name: string; ruleId?: string | undefined },
): Promise<boolean> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "archivedAt" IS NULL
      AND lower("name") = lower(${name}) AND "id" IS DISTINCT FROM ${ruleId ?? null}::uuid LIMIT 1`;
  return rows.length > 0;
}

/**
 * Records that rules fired. Locks their rows in the order of their ids, so that two transactions can't wait for each
 * other.
 */
export async function markRulesFired(
  tx: Tx,
  { orgId, ruleIds, at }: { orgId: string; ruleIds: readonly string[]; at: Date },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "AlertRule" r SET "lastFiredAt" = ${at.toISOString()}::timestamptz
    FROM (SELECT "id" FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "id" = ANY(${[...ruleIds]}::uuid[])
      ORDER BY "id" FOR NO KEY UPDATE) locked
    WHERE r."orgId" = ${orgId}::uuid AND r."id" = locked."id"`;
}
