import type { NotificationState } from '../../domain/incident/state.ts';
import { summarize, toAlertMessage } from '../../domain/notification/text.ts';
import { hourMs, minuteMs } from '../../domain/values/time.ts';
import { createRule } from '../../services/alert-rule/create.ts';
import { setBudget } from '../../services/budget/set.ts';
import { newId } from '../../services/context/ids.ts';
import { toJson } from '../../services/context/use-case.ts';
import { addIncidentNote } from '../../services/incident/add-note.ts';
import { proposePatch } from '../../services/proposal/propose.ts';
import type { Outage } from './checks.ts';
import type { Demo, DemoMonitor } from './fill.ts';
import type { Flaky } from './runs.ts';

/** Rules, the incidents of the outage and of the flaky workflow with notes and notifications, a proposal, a budget. */
export async function addAlerts(
  demo: Demo,
  of: { outage: Outage; flaky: Flaky; monitors: readonly DemoMonitor[]; ordersId: string },
): Promise<void> {
  const { ctx } = demo;
  const { orgId } = ctx.actor;
  const { db, now } = ctx.deps;
  const send = { kind: 'email' as const, address: 'oncall@northwind.example' };
  const { rule } = await createRule(ctx, { name: 'On call', target: { kind: 'all_servers' }, destination: send });
  await createRule(ctx, {
    name: 'Breaking tool changes',
    target: { kind: 'tool_changes' },
    destination: { kind: 'email', address: 'platform@northwind.example' },
  });
  const cause = { outcome: 'unreachable', reason: 'no answer in time', message: 'No answer within 30 s.' };
  const outageId = newId();
  await db.incident.create({
    data: {
      id: outageId,
      orgId,
      subjectKind: 'server',
      subjectKey: of.ordersId,
      serverId: of.ordersId,
      level: 'bad',
      summary: summarize('server', cause),
      cause,
      openedAt: of.outage.from,
      lastFailedAt: new Date(+of.outage.until - 5 * minuteMs),
      failureCount: 36,
      closedAt: of.outage.until,
      closeReason: 'recovered',
    },
  });
  const organization = await db.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: { name: true, slug: true },
  });
  for (const [kind, at] of [
    ['opened', of.outage.from],
    ['recovered', of.outage.until],
  ] as const)
    await db.delivery.create({
      data: {
        id: newId(),
        orgId,
        ruleId: rule.id,
        incidentId: outageId,
        kind,
        ordinal: 1,
        sequence: kind === 'opened' ? 1 : 2,
        destination: send,
        state: 'delivered',
        attempts: 1,
        createdAt: at,
        endedAt: at,
        message: toJson(
          toAlertMessage({
            kind,
            organization,
            ruleName: rule.name,
            level: 'bad',
            subject: {
              kind: 'server',
              name: 'Orders',
              model: null,
              serverId: of.ordersId,
              monitorId: null,
              workflowId: null,
            },
            serverName: null,
            incidentId: outageId,
            summary: summarize('server', cause),
            cause,
            openedAt: of.outage.from,
            closedAt: kind === 'recovered' ? of.outage.until : null,
            failureCount: 36,
          }),
        ),
      },
    });
  await db.incidentTelling.create({
    data: {
      orgId,
      ruleId: rule.id,
      incidentId: outageId,
      state: {
        ...{ met: false, notified: false, notifiedAt: +of.outage.until },
        ...{ opened: 1, reminder: 0, flapping: 0, recovered: 1, closed: 0 },
      } satisfies NotificationState,
    },
  });
  await addIncidentNote(ctx, {
    incidentId: outageId,
    text: 'The database of the orders service ran out of connections. The pool is larger now.',
  });
  await db.incidentUpdate.updateMany({
    where: { incidentId: outageId },
    data: { at: new Date(+of.outage.until + 40 * minuteMs) },
  });
  const flakyAt = new Date(now().getTime() - 2 * hourMs);
  const flakyCause = {
    outcome: 'fail',
    runId: of.flaky.runId,
    failingCriteria: ['no tool call fails'],
    trigger: 'scheduled' as const,
  };
  const flakyId = newId();
  await db.incident.create({
    data: {
      id: flakyId,
      orgId,
      subjectKind: 'workflow',
      subjectKey: `${of.flaky.workflowId}:builtin/scripted`,
      workflowId: of.flaky.workflowId,
      model: 'builtin/scripted',
      level: 'bad',
      summary: summarize('workflow', flakyCause),
      cause: flakyCause,
      openedAt: flakyAt,
      lastFailedAt: flakyAt,
    },
  });
  await addIncidentNote(ctx, {
    incidentId: flakyId,
    text: 'Rate limited again. We are asking the support team for a higher limit.',
  });
  const { activeVersionId } = await db.workflow.findUniqueOrThrow({
    where: { id: of.flaky.workflowId },
    select: { activeVersionId: true },
  });
  await proposePatch(ctx, {
    workflowId: of.flaky.workflowId,
    baseVersionId: activeVersionId ?? '',
    changes: { description: 'Looks up the orders of a customer. Waits for the rate limit of the support desk.' },
    rationale: 'Three of the last ten runs failed because the support desk limits its callers.',
    evidence: [],
  });
  await setBudget(ctx, { workflowId: null, monthlyTokens: 2_000_000, monthlyCost: null });
}
