import type { Tx } from '../../infra/db/index.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import { ruleNotFound } from './errors.ts';

/** What gives rules of an organization their names takes turns by this, until the transaction ends. */
export async function lockRuleNames(tx: Tx, orgId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`alert-rules/${orgId}`}, 0))`;
}

/** Takes the row lock of a rule that isn't deleted, by which its changes take turns. @throws ArmatureError `alert_rule_not_found` */
export async function lockRule(tx: Tx, { orgId, ruleId }: { orgId: string; ruleId: string }): Promise<AlertRuleModel> {
  const [row] = await tx.$queryRaw<AlertRuleModel[]>`
    SELECT * FROM "AlertRule" WHERE "orgId" = ${orgId}::uuid AND "id" = ${ruleId}::uuid FOR UPDATE`;
  if (!row || row.archivedAt) throw ruleNotFound();
  return row;
}
