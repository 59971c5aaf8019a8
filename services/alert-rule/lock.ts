import type { Tx } from '../../infra/db/index.ts';
import { lockAlertRule } from '../../infra/db/queries/alert-rule.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import { ruleNotFound } from './errors.ts';

/** What gives rules of an organization their names takes turns by this, until the transaction ends. */
export async function lockRuleNames(tx: Tx, orgId: string): Promise<void> {
  await lockName(tx, `alert-rules/${orgId}`);
}

/** Takes the row lock of a rule that isn't deleted, by which its changes take turns. @throws ArmatureError `alert_rule_not_found` */
export async function lockRule(tx: Tx, { orgId, ruleId }: { orgId: string; ruleId: string }): Promise<AlertRuleModel> {
  const row = await lockAlertRule(tx, { orgId, ruleId });
  if (!row || row.archivedAt) throw ruleNotFound();
  return row;
}
