import { useCase } from '../context/use-case.ts';
import { lockRule } from './lock.ts';
import { muteRuleInput } from './schema.ts';
import type { RuleView } from './view.ts';
import { ruleViewOf } from './view.ts';

/**
 * Keeps a rule silent for so many minutes from now, in place of an earlier mute; 0 ends one. Its incidents go on being recorded.
 * @throws ArmatureError `alert_rule_not_found`
 */
export const muteRule = useCase({
  name: 'alert_rule.mute',
  access: 'editor',
  input: muteRuleInput,
  async run({ ctx, orgId, actor, write, now }, { ruleId, minutes }): Promise<{ rule: RuleView }> {
    const until = minutes === 0 ? null : new Date(now().getTime() + minutes * 60_000);
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
    return { rule: await ruleViewOf(ctx.deps, { orgId, ruleId }) };
  },
});
