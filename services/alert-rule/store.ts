import type { AlertConditions, Destination } from '../../domain/notification/rule.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockAlertRule } from '../../infra/db/queries/alert-rule.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import type { AlertRuleModel } from '../../prisma/generated/models.ts';
import type { Actor } from '../context/context.ts';
import { toJson } from '../context/use-case.ts';
import { ruleNotFound } from './errors.ts';
import type { RuleTarget } from './schema.ts';

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

/** A target's columns. */
const targetColumns = (target: RuleTarget): { targetKind: string; targetId: string | null } => ({
  targetKind: target.kind,
  targetId: 'id' in target ? target.id : null,
});

type Rule = { name: string; target: RuleTarget; destination: Destination; conditions: AlertConditions };

/** Inserts a rule. The caller has checked name, target and destination (check.ts). */
export async function insertRule(
  tx: Tx,
  { id, orgId, actor, name, target, destination, conditions }: Rule & { id: string; orgId: string; actor: Actor },
): Promise<void> {
  await tx.alertRule.create({
    data: {
      id,
      orgId,
      name,
      ...targetColumns(target),
      destination: toJson(destination),
      conditions: toJson(conditions),
      createdBy: `${actor.kind}:${actor.id}`,
    },
  });
}

type Changes = { [K in keyof Rule]?: Rule[K] | undefined };

/** Changes a locked rule: what is left out stays. The caller has checked the rest. */
export async function updateRule(
  tx: Tx,
  { orgId, ruleId, name, target, destination, conditions }: Changes & { orgId: string; ruleId: string },
): Promise<void> {
  await tx.alertRule.update({
    where: { orgId_id: { orgId, id: ruleId } },
    data: {
      ...(name !== undefined && { name }),
      ...(target && targetColumns(target)),
      ...(destination && { destination: toJson(destination) }),
      ...(conditions && { conditions: toJson(conditions) }),
    },
  });
}
