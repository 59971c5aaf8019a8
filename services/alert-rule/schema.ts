import { z } from 'zod';
import { alertConditions, destination } from '../../domain/notification/rule.ts';

// No line breaks or other control characters: names stand in subjects of e-mails.
const oneLine = /^[^\p{Cc}\u2028\u2029]*$/u;

export const ruleName = z
  .string()
  .trim()
  .min(1, 'Give the rule a name.')
  .max(100)
  .regex(oneLine, 'A name is one line of plain characters.');

/** What a rule watches. `id` of `tool_changes`: a server, or null for all of them. */
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

/** What is left out stays; `conditions` are given whole. The built-in rule keeps its target. */
export const editRuleInput = z.object({
  ruleId: z.uuid(),
  name: ruleName.optional(),
  target: ruleTarget.optional(),
  destination: destination.optional(),
  conditions: alertConditions.optional(),
});

export const setRuleStateInput = z.object({ ruleId: z.uuid(), state: z.enum(['watching', 'paused']) });

/** 0 ends a mute. At most a week. */
export const muteRuleInput = z.object({ ruleId: z.uuid(), minutes: z.int().min(0).max(10_080) });

export const ruleRefInput = z.object({ ruleId: z.uuid() });

/** Rules of one workflow or monitor: those that name it alone. */
export const listRulesInput = z.object({
  workflowId: z.uuid().optional(),
  monitorId: z.uuid().optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(100).default(50),
});
