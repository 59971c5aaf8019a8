import { temporalNames } from '../../domain/run/ids.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { newId } from '../../services/context/ids.ts';
import { createWebhook } from '../../services/destination/webhook/create.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { bumpSchedulesIn, syncMonitorSchedules } from '../../services/monitor/schedule/sync.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { until } from '../../tests/faults/process.ts';
import type { Stack } from '../../tests/faults/stack.ts';
import { makeMonitors, makeServer } from '../../tests/support/monitors.ts';
import { toolCount } from './plan.ts';
import type { Receivers } from './receivers.ts';
import type { Targets } from './targets.ts';

/** What an installation tests and monitors during the kills. */
export type Setup = {
  apiKey: string;
  /** Everything was there and had worked once. */
  readyAt: Date;
  /** Dispatched by hand. */
  manualIds: string[];
  /** Run every minute. */
  scheduledIds: string[];
  /** The scheduled workflow that fails in a phase of the plan. */
  statusId: string;
  monitorIds: string[];
  watched: { serverId: string; offsetSeconds: number; monitorIds: string[] }[];
};

export const intervalSeconds = 60;

/** Two orders that differ, so that a call of a run is known by its arguments. An interruption decides no criterion. */
const orders = {
  prompt: [
    'call search_products {"query": "mug"}',
    'call check_stock {"sku": "MUG-001", "reference": "{{run.id}}"}',
    'call create_order {"sku": "MUG-001", "quantity": 1, "reference": "{{run.id}}"}',
    'call create_order {"sku": "MUG-001", "quantity": 2, "reference": "{{run.id}}"}',
    'call list_orders {"reference": "{{run.id}}"}',
  ].join('\n'),
  criteria: [{ text: 'calls `create_order` exactly twice', isRequired: true }],
};
/** Later calls need what earlier ones return. */
const refund = {
  prompt: [
    'call create_order {"sku": "MUG-001", "quantity": 3, "reference": "{{run.id}}"}',
    'call get_order {"order_id": "$1.order_id"}',
    'call refund_order {"order_id": "$1.order_id", "reason": "{{run.id}}"}',
    'call list_orders {"reference": "{{run.id}}"}',
  ].join('\n'),
  criteria: [
    { text: '`list_orders` result field `total` equals 1', isRequired: true },
    { text: 'calls `refund_order` once', isRequired: true },
    { text: 'no tool call fails', isRequired: true },
  ],
};
const status = {
  prompt: 'call get_shop_status {}\ncall check_stock {"sku": "MUG-001", "reference": "{{run.id}}"}',
  criteria: [{ text: '`get_shop_status` result field `status` equals "open"', isRequired: true }],
};

/** The environment of the processes, for the receivers. */
export const toEnvironment = ({ urls }: Receivers): Record<string, string> => ({
  ARMATURE_KEY_REQUESTS_PER_MINUTE: '100000',
  RESEND_API_KEY: 're_of_the_chaos_run',
  RESEND_URL: urls.email,
  SLACK_CLIENT_ID: '1.2',
  SLACK_CLIENT_SECRET: 'of-the-chaos-run',
  SLACK_SIGNING_SECRET: 'of-the-chaos-run',
  SLACK_API_URL: urls.slack,
});

/** @returns once every monitor has passed: one that never has opens no incident */
export async function setUp(stack: Stack, targets: Targets, receivers: Receivers): Promise<Setup> {
  const { ctx } = stack;
  const { key } = await createApiKey(ctx, { name: 'Chaos' });
  const shopId = await stack.connect(targets.shop.url);
  const create = async (name: string, { prompt, criteria }: typeof orders, schedule: string | null) => {
    const definition = { name, serverId: shopId, testerModels: ['builtin/scripted'], judgeModel: 'builtin/assertions' };
    const { workflow } = await createWorkflow(ctx, { definition: { ...definition, prompt, criteria, schedule } });
    return workflow.id;
  };
  const manualIds = [await create('Order', orders, null), await create('Refund', refund, null)];
  await makeRules(stack, receivers);
  const scheduledIds = [
    await create('Order every minute', orders, '* * * * *'),
    await create('Order every minute, too', orders, '* * * * *'),
  ];
  const statusId = await create('Status', status, '* * * * *');
  const watched = [];
  for (const { url } of targets.watched) watched.push(await watch(stack, url));
  const monitorIds = watched.flatMap((server) => server.monitorIds);
  await checkMonitorsNow(ctx, { monitorIds, key: newId() });
  await until(
    'every monitor has passed once',
    async () => {
      const where = { orgId: stack.orgId, monitorId: { in: monitorIds }, outcome: 'pass' };
      return (await stack.deps.db.check.findMany({ where, distinct: ['monitorId'] })).length === monitorIds.length;
    },
    { seconds: 120, everyMs: 250 },
  );
  return { apiKey: key, readyAt: new Date(), manualIds, scheduledIds, statusId, monitorIds, watched };
}

async function watch({ deps, orgId }: Stack, url: string): Promise<Setup['watched'][number]> {
  const server = await makeServer(deps, { orgId, url });
  const tools = Array.from({ length: toolCount }, (_, index) => ({ tool: `read_${index}` }));
  const monitorIds = await makeMonitors(deps, { orgId, ...server }, tools);
  const of = { orgId, serverId: server.serverId, intervals: [intervalSeconds] };
  await deps.db.$transaction((tx) => bumpSchedulesIn(tx, of));
  const warnings = await syncMonitorSchedules(deps, of);
  if (warnings.length > 0)
    throw new Error(`${temporalNames('').monitorSchedule(of.serverId, intervalSeconds)} is missing`);
  const { offsetSeconds } = await deps.db.monitorSchedule.findFirstOrThrow({
    where: { orgId, serverId: of.serverId, intervalSeconds },
  });
  return { serverId: of.serverId, offsetSeconds, monitorIds };
}

/** Every kind of destination, for monitors and for workflows. */
async function makeRules({ deps, ctx, orgId }: Stack, { urls }: Receivers): Promise<void> {
  const { webhook } = await createWebhook(ctx, { name: 'Receiver', url: urls.webhook });
  const installationId = newId();
  await deps.db.slackInstallation.create({
    data: {
      id: installationId,
      orgId,
      teamId: 'T1',
      teamName: 'Chaos',
      appId: 'A1',
      botUserId: 'U1',
      scopes: ['chat:write'],
      secretRef: await deps.secrets.put(orgId, { botToken: 'xoxb-of-the-chaos-run' }),
      installedBy: 'system:chaos',
      installedAt: new Date(),
    },
  });
  for (const kind of ['all_monitors', 'all_workflows'] as const)
    for (const destination of [
      { kind: 'webhook' as const, webhookId: webhook.id },
      { kind: 'slack' as const, installationId, channel: `#${kind.replace('all_', '')}` },
      { kind: 'email' as const, address: `${kind.replace('all_', '')}@example.com` },
    ])
      await createRule(ctx, { name: `${kind} ${destination.kind}`, target: { kind }, destination });
}
