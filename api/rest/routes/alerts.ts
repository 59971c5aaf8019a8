import { z } from 'zod';
import {
  alertConditions,
  deliveryKinds,
  deliveryStates,
  destination,
  ruleTargetKinds,
} from '../../../domain/notification/rule.ts';
import { givenId } from '../../../domain/values/id.ts';
import { archiveRule } from '../../../services/alert-rule/archive.ts';
import { createRule } from '../../../services/alert-rule/create.ts';
import { editRule } from '../../../services/alert-rule/edit.ts';
import { getRule } from '../../../services/alert-rule/get.ts';
import { listRules } from '../../../services/alert-rule/list.ts';
import { muteRule } from '../../../services/alert-rule/mute.ts';
import { setRuleState } from '../../../services/alert-rule/set-state.ts';
import { testSend } from '../../../services/alert-rule/test-send.ts';
import { getDelivery } from '../../../services/delivery/reading/get.ts';
import { listDeliveries } from '../../../services/delivery/reading/list.ts';
import { retryDelivery } from '../../../services/delivery/retry.ts';
import { archiveWebhook } from '../../../services/destination/webhook/archive.ts';
import { createWebhook } from '../../../services/destination/webhook/create.ts';
import { editWebhook } from '../../../services/destination/webhook/edit.ts';
import { listWebhooks } from '../../../services/destination/webhook/list.ts';
import { createMaintenance } from '../../../services/maintenance/create.ts';
import { endMaintenance } from '../../../services/maintenance/end.ts';
import { listMaintenance } from '../../../services/maintenance/list.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { ok, time, warnings } from '../schemas.ts';

const destinationView = z
  .intersection(
    destination,
    z.object({ label: z.string(), problem: z.string().nullable().describe('Why nothing can be delivered there now.') }),
  )
  .meta({ id: 'Destination' });
const rule = z
  .object({
    id: z.uuid(),
    name: z.string(),
    target: z.object({
      kind: z.enum(ruleTargetKinds),
      id: z.uuid().nullable(),
      name: z.string().nullable(),
      isArchived: z.boolean(),
    }),
    destination: destinationView.nullable(),
    conditions: alertConditions,
    state: z.enum(['watching', 'paused']),
    mutedUntil: time.nullable(),
    lastFiredAt: time.nullable(),
    isBuiltIn: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'AlertRule' });
const delivery = z
  .object({
    id: z.uuid(),
    ruleId: z.uuid(),
    ruleName: z.string(),
    incidentId: z.uuid().nullable().describe('Null for a test.'),
    kind: z.enum(deliveryKinds),
    ordinal: z.int(),
    destination: destinationView,
    state: z.enum(deliveryStates),
    attempts: z.int(),
    round: z.int().describe('1, and one more for each manual retry.'),
    error: z.string().nullable().describe('Partly the words of the receiver; untrusted.'),
    title: z.string(),
    canRetry: z.boolean(),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'Delivery' });
const webhook = z
  .object({
    id: z.uuid(),
    name: z.string(),
    url: z.string().describe('Without query values; only admins see the path.'),
    queryNames: z.array(z.string()),
    createdAt: time,
  })
  .meta({ id: 'Webhook' });
const maintenance = z
  .object({
    id: z.uuid(),
    serverId: z.uuid().nullable().describe('Null: all servers.'),
    startsAt: time,
    endsAt: time,
    reason: z.string(),
    createdBy: z.string(),
    createdAt: time,
    state: z.enum(['upcoming', 'active', 'over']),
  })
  .meta({ id: 'Maintenance' });

const changedRule = z.object({ rule });
const withoutSecret = (answer: unknown) =>
  typeof answer === 'object' && answer !== null ? { ...answer, signingSecret: null } : answer;

export const alertRoutes = [
  defineRoute({
    method: 'GET',
    path: '/alert-rules',
    summary: 'Lists alert rules, newest first',
    useCase: listRules,
    input: listRules.useCase.input.extend(paging),
    output: pageOf(rule),
    async run(ctx, filters) {
      const { rules, nextCursor } = await listRules(ctx, filters);
      return { rows: rules, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-rules',
    summary: 'Creates an alert rule',
    status: 201,
    useCase: createRule,
    input: createRule.useCase.input,
    output: changedRule,
    run: (ctx, given) => createRule(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/alert-rules/{ruleId}',
    summary: 'Returns an alert rule',
    useCase: getRule,
    input: getRule.useCase.input,
    output: changedRule,
    run: (ctx, given) => getRule(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/alert-rules/{ruleId}',
    summary: 'Changes an alert rule',
    description: 'Members that are left out stay as they are; conditions are replaced as a whole.',
    useCase: editRule,
    input: editRule.useCase.input,
    output: changedRule,
    run: (ctx, given) => editRule(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/alert-rules/{ruleId}',
    summary: 'Deletes an alert rule',
    useCase: archiveRule,
    input: archiveRule.useCase.input,
    output: ok,
    async run(ctx, given) {
      await archiveRule(ctx, given);
      return { ok: true as const };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-rules/{ruleId}/pause',
    operation: 'pauseAlertRule',
    summary: 'Silences a rule until it is resumed',
    useCase: setRuleState,
    input: z.object({ ruleId: givenId }),
    output: changedRule,
    run: (ctx, { ruleId }) => setRuleState(ctx, { ruleId, state: 'paused' }),
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-rules/{ruleId}/resume',
    operation: 'resumeAlertRule',
    summary: 'Lets a paused rule notify again',
    useCase: setRuleState,
    input: z.object({ ruleId: givenId }),
    output: changedRule,
    run: (ctx, { ruleId }) => setRuleState(ctx, { ruleId, state: 'watching' }),
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-rules/{ruleId}/mute',
    summary: 'Silences a rule for some minutes; 0 ends that',
    useCase: muteRule,
    input: muteRule.useCase.input,
    output: changedRule,
    run: (ctx, given) => muteRule(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-rules/{ruleId}/test',
    operation: 'testAlertRule',
    summary: 'Sends a test message the whole way',
    status: 202,
    useCase: testSend,
    input: testSend.useCase.input,
    output: z.object({ delivery }),
    run: (ctx, given) => testSend(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/alert-deliveries',
    summary: 'Lists notifications, newest first',
    useCase: listDeliveries,
    input: listDeliveries.useCase.input.extend(paging),
    output: pageOf(delivery),
    async run(ctx, filters) {
      const { deliveries, nextCursor } = await listDeliveries(ctx, filters);
      return { rows: deliveries, nextCursor };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/alert-deliveries/{deliveryId}',
    summary: 'Returns a notification',
    useCase: getDelivery,
    input: getDelivery.useCase.input,
    output: z.object({ delivery }),
    run: (ctx, given) => getDelivery(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/alert-deliveries/{deliveryId}/retry',
    summary: 'Sends a failed notification again',
    status: 202,
    useCase: retryDelivery,
    input: retryDelivery.useCase.input,
    output: z.object({ delivery }),
    run: (ctx, given) => retryDelivery(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/destinations/webhooks',
    summary: 'Lists webhooks, newest first',
    useCase: listWebhooks,
    input: z.object({}),
    output: z.object({ rows: z.array(webhook) }),
    run: async (ctx, given) => ({ rows: (await listWebhooks(ctx, given)).webhooks }),
  }),
  defineRoute({
    method: 'POST',
    path: '/destinations/webhooks',
    summary: 'Creates a webhook; its signing secret is shown once',
    status: 201,
    useCase: createWebhook,
    input: createWebhook.useCase.input,
    output: z.object({ webhook, signingSecret: z.string().nullable().describe('Null in a repeated answer.') }),
    toReplay: withoutSecret,
    run: (ctx, given) => createWebhook(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/destinations/webhooks/{webhookId}',
    summary: 'Changes a webhook',
    description: 'Members that are left out stay as they are. rotateSecret makes a new signing secret.',
    useCase: editWebhook,
    input: editWebhook.useCase.input,
    output: z.object({ webhook, signingSecret: z.string().nullable() }),
    run: (ctx, given) => editWebhook(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/destinations/webhooks/{webhookId}',
    summary: 'Deletes a webhook, and returns the rules that sent there',
    useCase: archiveWebhook,
    input: archiveWebhook.useCase.input,
    output: z.object({ rules: z.array(z.object({ id: z.uuid(), name: z.string() })), warnings }),
    run: (ctx, given) => archiveWebhook(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/maintenance',
    operation: 'listMaintenanceWindows',
    summary: 'Lists maintenance windows: current and upcoming ones, then past ones',
    useCase: listMaintenance,
    input: z.object({ serverId: givenId.optional() }),
    output: z.object({ rows: z.array(maintenance) }),
    run: async (ctx, given) => ({ rows: (await listMaintenance(ctx, given)).windows }),
  }),
  defineRoute({
    method: 'POST',
    path: '/maintenance',
    operation: 'createMaintenanceWindow',
    summary: 'Creates a maintenance window of a server, or of all servers',
    status: 201,
    useCase: createMaintenance,
    input: createMaintenance.useCase.input,
    output: z.object({ window: maintenance }),
    run: (ctx, given) => createMaintenance(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/maintenance/{windowId}',
    operation: 'endMaintenanceWindow',
    summary: 'Ends a maintenance window now, or deletes one that has not started',
    useCase: endMaintenance,
    input: endMaintenance.useCase.input,
    output: z.object({ ended: z.enum(['ended', 'taken_back', 'over']) }),
    run: (ctx, given) => endMaintenance(ctx, given),
  }),
];
