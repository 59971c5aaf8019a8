import { ArmatureError } from '../../domain/error/error.ts';
import { lockAlertRule } from '../../infra/db/queries/alert-rule.ts';
import { useCase } from '../context/use-case.ts';
import { endNotificationsOfRule } from '../incident/recording/end-rule.ts';
import { ruleNotFound } from './errors.ts';
import { ruleRefInput } from './schema.ts';

/**
 * Deletes a rule. Its pending deliveries are not sent, but those who were notified of an incident are notified that
 * this ends. Its history stays readable. A rule that is deleted already stays so.
 * @throws ArmatureError `alert_rule_not_found`, `conflict` (the built-in rule)
 */
export const archiveRule = useCase({
  name: 'alert_rule.archive',
  access: 'editor',
  input: ruleRefInput,
  async run({ ctx, orgId, write, now }, { ruleId }): Promise<void> {
    await write(
      async (tx) => {
        const row = await lockAlertRule(tx, { orgId, ruleId });
        if (!row) throw ruleNotFound();
        if (row.archivedAt) return null;
        if (row.targetKind === 'installation')
          throw new ArmatureError(
            'conflict',
            'The built-in rule on Armature itself cannot be deleted.',
            'Pause it instead.',
          );
        await tx.alertRule.update({ where: { orgId_id: { orgId, id: ruleId } }, data: { archivedAt: now() } });
        return row.name;
      },
      (name) => (name === null ? null : { subject: ruleId, data: { name } }),
    );
    await endNotificationsOfRule(ctx.deps, { orgId, ruleId });
  },
});
