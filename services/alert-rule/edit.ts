import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { endNotificationsOfRule } from '../incident/recording/end-rule.ts';
import { checkDestination, checkTarget, requireFreeName } from './check.ts';
import { editRuleInput } from './schema.ts';
import { lockRule, lockRuleNames, updateRule } from './store.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/**
 * Edits a rule. Pending deliveries keep their destination.
 * @throws ArmatureError `alert_rule_not_found`, `conflict` (its name is taken, or the target of the built-in rule),
 * what `createRule` throws
 */
export const editRule = useCase({
  name: 'alert_rule.edit',
  access: 'editor',
  input: editRuleInput,
  async run({ ctx, orgId, write }, { ruleId, name, target, destination, conditions }): Promise<{ rule: RuleView }> {
    await write(
      async (tx) => {
        await lockRuleNames(tx, orgId);
        const before = await lockRule(tx, { orgId, ruleId });
        if (target && before.targetKind === 'installation')
          throw new ArmatureError(
            'conflict',
            'The target of the built-in rule cannot be changed.',
            'Create a rule for the other target.',
          );
        if (name !== undefined) await requireFreeName(tx, { orgId, name, ruleId });
        if (target) await checkTarget(tx, { orgId, target });
        if (destination) await checkDestination(tx, { orgId, destination });
        await updateRule(tx, { orgId, ruleId, name, target, destination, conditions });
      },
      { subject: ruleId, data: { name, target, destination, conditions } },
    );
    await endNotificationsOfRule(ctx.deps, { orgId, ruleId });
    return { rule: await getRuleView(ctx.deps, { orgId, ruleId }) };
  },
});
