import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { checkDestination, checkTarget, requireFreeName, targetColumns } from './check.ts';
import { lockRuleNames } from './lock.ts';
import { createRuleInput } from './schema.ts';
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
      },
      { subject: id, data: { name, target, destination, conditions } },
    );
    return { rule: await getRuleView(ctx.deps, { orgId, ruleId: id }) };
  },
});
