import { z } from 'zod';
import { alertConditions, destination } from '../../domain/notification/rule.ts';

// No line breaks or other control characters: names appear in subjects of e-mails.
const oneLine = /^[^\p{Cc}\u2028\u2029]*$/u;

export const ruleName = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(100)
  .regex(oneLine, 'A name is one line of plain text.');

/** Target of a rule. `id` of `tool_changes`: a server; null for all servers. */
export const ruleTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('workflow'), id: z.uuid() }),
  z.object({ kind: z.literal('monitor'), id: z.uuid() }),
  z.object({ kind: z.literal('all_workflows') }),
  z.object({ kind: z.literal('all_monitors') }),
  z.object({ kind: z.literal('tool_changes'), id: z.uuid().nullable().default(null) }),
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
  ruleId: z.uuid(),
  name: ruleName.optional(),
  target: ruleTarget.optional(),
  destination: destination.optional(),
  conditions: alertConditions.optional(),
});

export const setRuleStateInput = z.object({ ruleId: z.uuid(), state: z.enum(['watching', 'paused']) });

/** 0 unmutes. At most a week. */
export const muteRuleInput = z.object({ ruleId: z.uuid(), minutes: z.int().min(0).max(10_080) });

export const ruleRefInput = z.object({ ruleId: z.uuid() });

/** With an id: rules whose target is exactly this workflow or monitor. */
export const listRulesInput = z.object({
  workflowId: z.uuid().optional(),
  monitorId: z.uuid().optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(100).default(50),
});
