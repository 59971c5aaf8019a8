import { ArmatureError } from '../../domain/error/error.ts';
import type { AlertMessage } from '../../domain/notification/message.ts';
import { minuteMs } from '../../domain/values/time.ts';
import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { deliveryNotFound } from '../delivery/errors.ts';
import type { DeliveryView } from '../delivery/reading/view.ts';
import { toDeliveryViews, withRule } from '../delivery/reading/view.ts';
import { startDeliveries } from '../delivery/start.ts';
import { ruleRefInput } from './schema.ts';
import { lockRule } from './store.ts';
import type { RuleView } from './view.ts';
import { getRuleView } from './view.ts';

/** Test messages of one rule per minute: its destination can be anybody's address. */
const maxPerMinute = 5;

/**
 * Sends a test message to a rule's destination the way its alerts go, also while it is paused or muted.
 * @throws ArmatureError `alert_rule_not_found`, `conflict` (it has no destination), `rate_limited`
 */
export const testSend = useCase({
  name: 'alert_rule.test_send',
  access: 'editor',
  input: ruleRefInput,
  async run({ ctx, orgId, db, write, now }, { ruleId }): Promise<{ delivery: DeliveryView }> {
    const rule = await getRuleView(ctx.deps, { orgId, ruleId });
    const organization = await db.organization.findUniqueOrThrow({
      where: { id: orgId },
      select: { name: true, slug: true },
    });
    const deliveryId = newId();
    const at = now();
    await write(
      async (tx) => {
        const { destination } = await lockRule(tx, { orgId, ruleId });
        if (destination === null)
          throw new ArmatureError('conflict', 'This rule has no destination yet.', 'Choose a destination first.');
        const tests = { orgId, ruleId, kind: 'test' };
        const recent = await tx.delivery.count({
          where: { ...tests, createdAt: { gt: new Date(at.getTime() - minuteMs) } },
        });
        if (recent >= maxPerMinute)
          throw new ArmatureError(
            'rate_limited',
            `A rule sends at most ${maxPerMinute} test messages a minute.`,
            'Wait a minute, then try again.',
          );
        const last = await tx.delivery.aggregate({ where: tests, _max: { ordinal: true } });
        await tx.delivery.create({
          data: {
            id: deliveryId,
            orgId,
            ruleId,
            kind: 'test',
            ordinal: (last._max.ordinal ?? 0) + 1,
            destination: toJson(destination),
            message: toJson(testMessage(rule, { organization, at })),
            createdAt: at,
          },
        });
      },
      { subject: ruleId, data: { deliveryId } },
    );
    await startDeliveries(ctx.deps, [{ orgId, deliveryId, round: 1 }]);
    const rows = await db.delivery.findMany({ where: { orgId, id: deliveryId }, include: withRule });
    const [delivery] = await toDeliveryViews(ctx.deps, { orgId, rows });
    if (!delivery) throw deliveryNotFound();
    return { delivery };
  },
});

const subjectKinds = {
  workflow: 'workflow',
  all_workflows: 'workflow',
  monitor: 'monitor',
  all_monitors: 'monitor',
  server: 'server',
  all_servers: 'server',
  tool_changes: 'tool_change',
  report: 'report',
  budget: 'budget',
  installation: 'installation',
} as const satisfies { [kind in RuleView['target']['kind']]: AlertMessage['subject']['kind'] };

const targetLabels: { [kind in RuleView['target']['kind']]: string } = {
  workflow: 'a workflow',
  all_workflows: 'all workflows',
  monitor: 'a monitor',
  all_monitors: 'all monitors',
  server: 'a server',
  all_servers: 'all servers',
  tool_changes: 'tool changes of all servers',
  report: 'the reports on all servers',
  budget: 'the budgets of the workspace',
  installation: 'Armature itself',
};

function testMessage(
  { id, name, target }: RuleView,
  { organization, at }: { organization: AlertMessage['organization']; at: Date },
): AlertMessage {
  const path = `/o/${organization.slug}/alerts/rules/${id}`;
  return {
    kind: 'test',
    reason: null,
    organization,
    ruleName: name,
    level: 'warn',
    subject: { kind: subjectKinds[target.kind], name: target.name ?? targetLabels[target.kind], path },
    serverName: null,
    title: 'test message',
    lines: ['This is a test. Nothing is broken.'],
    since: at.toISOString(),
    endedAt: null,
    failureCount: 0,
    incidentId: null,
    links: [{ text: 'Open the rule', path }],
    workflowId: null,
    monitorId: null,
    runId: null,
  };
}
