import type { Tx } from '../../infra/db/index.ts';
import { lockAlertRule } from '../../infra/db/queries/alert-rule.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import { ruleNotFound } from './errors.ts';

/** Serializes changes of rules' names in an organization, until the transaction ends. */
export async function lockRuleNames(tx: Tx, orgId: string): Promise<void> {
  await lockName(tx, `alert-rules/${orgId}`);
}

/** Locks a rule that isn't deleted, until the transaction ends. @throws ArmatureError `alert_rule_not_found` */
export async function lockRule(tx: Tx, { orgId, ruleId }: { orgId: string; ruleId: string }): Promise<AlertRuleModel> {
  const row = await lockAlertRule(tx, { orgId, ruleId });
  if (!row || row.archivedAt) throw ruleNotFound();
  return row;
}
