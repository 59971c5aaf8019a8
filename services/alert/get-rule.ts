import { useCase } from '../use-case.ts';
import { ruleRefInput } from './input.ts';
import { ruleViewOf } from './rule-views.ts';
import type { RuleView } from './view.ts';

/** One rule, also a deleted one. Its deliveries are `listDeliveries`'. @throws ArmatureError `alert_rule_not_found` */
export const getRule = useCase({
  name: 'alert_rule.get',
  access: 'viewer',
  input: ruleRefInput,
  run: async ({ ctx, orgId }, { ruleId }): Promise<{ rule: RuleView }> => ({
    rule: await ruleViewOf(ctx.deps, { orgId, ruleId }),
  }),
});
