import { useCase } from '../context/use-case.ts';
import { ruleRefInput } from './schema.ts';
import type { RuleView } from './view.ts';
import { ruleViewOf } from './view.ts';

/** One rule, also a deleted one. Its deliveries are `listDeliveries`'. @throws ArmatureError `alert_rule_not_found` */
export const getRule = useCase({
  name: 'alert_rule.get',
  access: 'viewer',
  input: ruleRefInput,
  run: async ({ ctx, orgId }, { ruleId }): Promise<{ rule: RuleView }> => ({
    rule: await ruleViewOf(ctx.deps, { orgId, ruleId }),
  }),
});
