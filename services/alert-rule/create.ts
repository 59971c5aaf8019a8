import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { checkDestination, checkTarget, requireFreeName } from './check.ts';
import { createRuleInput } from './schema.ts';
import { insertRule, lockRuleNames } from './store.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/**
 * Creates an active alert rule.
 * @throws ArmatureError `destination_not_found`, `conflict` (its name is taken, or its Slack workspace is
 * disconnected), what `checkTarget` throws
 */
export const createRule = useCase({
  name: 'alert_rule.create',
  access: 'editor',
  input: createRuleInput,
  async run({ ctx, orgId, actor, write }, { name, target, destination, conditions }): Promise<{ rule: RuleView }> {
    const id = newId();
    await write(
      async (tx) => {
        await lockRuleNames(tx, orgId);
        await requireFreeName(tx, { orgId, name });
        await checkTarget(tx, { orgId, target });
        await checkDestination(tx, { orgId, destination });
        await insertRule(tx, { id, orgId, actor, name, target, destination, conditions });
      },
      { subject: id, data: { name, target, destination, conditions } },
    );
    return { rule: await getRuleView(ctx.deps, { orgId, ruleId: id }) };
  },
});
