import { useCase } from '../context/use-case.ts';
import { ruleRefInput } from './schema.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/**
 * One rule, deleted ones included. `listDeliveries` has its deliveries.
 * @throws ArmatureError `alert_rule_not_found`
 */
export const getRule = useCase({
  name: 'alert_rule.get',
  access: 'viewer',
  input: ruleRefInput,
  run: async ({ ctx, orgId }, { ruleId }): Promise<{ rule: RuleView }> => ({
    rule: await getRuleView(ctx.deps, { orgId, ruleId }),
  }),
});
