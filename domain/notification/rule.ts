import { z } from 'zod';
import { givenId } from '../values/id.ts';
import { emailAddress } from '../values/text.ts';

export const ruleTargetKinds = [
  'workflow',
  'monitor',
  'all_workflows',
  'all_monitors',
  'server',
  'all_servers',
  'tool_changes',
  'report',
  'budget',
  'installation',
] as const;
export type RuleTargetKind = (typeof ruleTargetKinds)[number];

/** Where a rule's messages go. A Slack channel is `#name`, a channel's id (C…, G…) or a user's (U…, W…). */
export const destination = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('slack'),
    installationId: givenId,
    channel: z
      .string()
      .regex(/^(#[^\s#,]{1,80}|[CGDUW][A-Z0-9]{2,20})$/, 'Give #channel, or the id of a channel or user.'),
  }),
  z.object({ kind: z.literal('email'), address: emailAddress }),
  z.object({ kind: z.literal('webhook'), webhookId: givenId }),
]);
export type Destination = z.infer<typeof destination>;

const minutes = (least: number, most: number) => z.int().min(least).max(most);

/** When a rule notifies. Conditions of other kinds of targets are ignored. */
export const alertConditions = z.object({
  /** Monitors. */
  onDegraded: z.boolean().default(false),
  /** Workflows. */
  onPartial: z.boolean().default(true),
  onFlagged: z.boolean().default(true),
  includeManualRuns: z.boolean().default(false),
  threshold: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('consecutive'), failures: z.int().min(1).max(100) }),
      z.object({ kind: z.literal('within'), failures: z.int().min(1).max(100), minutes: minutes(1, 1440) }),
    ])
    .default({ kind: 'consecutive', failures: 1 }),
  /** null: no reminders. */
  remindEveryMinutes: minutes(5, 10_080).nullable().default(null),
  tellRecovery: z.boolean().default(true),
  /** Minutes after a notification during which the rule doesn't notify of new incidents of the same subject. */
  cooldownMinutes: minutes(0, 10_080).default(0),
});
export type AlertConditions = z.infer<typeof alertConditions>;

export const deliveryKinds = ['opened', 'reminder', 'flapping', 'recovered', 'closed', 'test'] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

export { type DeliveryState, deliveryStates } from './delivery-state.ts';
