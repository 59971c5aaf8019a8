import { minuteMs } from '../../domain/values/time.ts';
import { useCase } from '../context/use-case.ts';
import { muteRuleInput } from './schema.ts';
import { lockRule } from './store.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/**
 * Mutes a rule for a number of minutes from now, replacing an earlier mute; 0 unmutes. Incidents are still recorded.
 * @throws ArmatureError `alert_rule_not_found`
 */
export const muteRule = useCase({
  name: 'alert_rule.mute',
  access: 'editor',
  input: muteRuleInput,
  async run({ ctx, orgId, actor, write, now }, { ruleId, minutes }): Promise<{ rule: RuleView }> {
    const until = minutes === 0 ? null : new Date(now().getTime() + minutes * minuteMs);
    await write(
      async (tx) => {
        const before = await lockRule(tx, { orgId, ruleId });
        if (until === null && before.mutedUntil === null) return false;
        await tx.alertRule.update({
          where: { orgId_id: { orgId, id: ruleId } },
          data: { mutedUntil: until, mutedBy: until && `${actor.kind}:${actor.id}` },
        });
        return true;
      },
      (isNew) => (isNew ? { subject: ruleId, data: { minutes, until } } : null),
    );
    return { rule: await getRuleView(ctx.deps, { orgId, ruleId }) };
  },
});
