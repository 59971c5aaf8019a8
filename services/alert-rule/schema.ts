import { z } from 'zod';
import { alertConditions, destination } from '../../domain/notification/rule.ts';
import { givenId } from '../../domain/values/id.ts';
import { nameText } from '../../domain/values/text.ts';

export const ruleName = nameText('name');

/** Target of a rule. A server means all that belongs to it. `id` of `tool_changes`: a server; null for all servers. */
export const ruleTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('workflow'), id: givenId }),
  z.object({ kind: z.literal('monitor'), id: givenId }),
  z.object({ kind: z.literal('all_workflows') }),
  z.object({ kind: z.literal('all_monitors') }),
  z.object({ kind: z.literal('server'), id: givenId }),
  z.object({ kind: z.literal('all_servers') }),
  z.object({ kind: z.literal('tool_changes'), id: givenId.nullable().default(null) }),
  z.object({ kind: z.literal('report') }),
  z.object({ kind: z.literal('budget') }),
]);
export type RuleTarget = z.infer<typeof ruleTarget>;

export const createRuleInput = z.object({
  name: ruleName,
  target: ruleTarget,
  destination,
  conditions: alertConditions.prefault({}),
});

/** Fields left out stay; `conditions` are replaced as a whole. The built-in rule keeps its target. */
export const editRuleInput = z.object({
  ruleId: givenId,
  name: ruleName.optional(),
  target: ruleTarget.optional(),
  destination: destination.optional(),
  conditions: alertConditions.optional(),
});

export const setRuleStateInput = z.object({ ruleId: givenId, state: z.enum(['watching', 'paused']) });

/** 0 unmutes. At most a week. */
export const muteRuleInput = z.object({ ruleId: givenId, minutes: z.int().min(0).max(10_080) });

export const ruleRefInput = z.object({ ruleId: givenId });

/** With an id: rules whose target is exactly this workflow or monitor. */
export const listRulesInput = z.object({
  workflowId: givenId.optional(),
  monitorId: givenId.optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(200).default(50),
});
