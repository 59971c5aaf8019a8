import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { endNotificationsOfRule } from '../incident/recording/end-rule.ts';
import { setRuleStateInput } from './schema.ts';
import { lockRule } from './store.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/**
 * Pauses or resumes a rule. A rule in that state already stays as it is.
 * @throws ArmatureError `alert_rule_not_found`, `conflict` (the built-in rule has no destination yet)
 */
export const setRuleState = useCase({
  name: 'alert_rule.set_state',
  access: 'editor',
  input: setRuleStateInput,
  async run({ ctx, orgId, write }, { ruleId, state }): Promise<{ rule: RuleView }> {
    await write(
      async (tx) => {
        const before = await lockRule(tx, { orgId, ruleId });
        if (before.state === state) return false;
        if (state === 'watching' && before.destination === null)
          throw new ArmatureError('conflict', 'This rule has no destination yet.', 'Choose a destination first.', {
            fieldErrors: [{ field: 'destination', message: 'Choose a destination.' }],
          });
        await tx.alertRule.update({ where: { orgId_id: { orgId, id: ruleId } }, data: { state } });
        return true;
      },
      (isNew) => (isNew ? { subject: ruleId, data: { state } } : null),
    );
    await endNotificationsOfRule(ctx.deps, { orgId, ruleId });
    return { rule: await getRuleView(ctx.deps, { orgId, ruleId }) };
  },
});
