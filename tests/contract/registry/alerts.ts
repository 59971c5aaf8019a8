import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';

/** What alerts of an organization are made of: one of each. */
export type AlertsOfWorld = {
  /** A rule on the monitor, by e-mail. */
  ruleId: string;
  /** A test by that rule that failed. */
  deliveryId: string;
  webhookId: string;
  installationId: string;
};

/** Written directly. */
export async function makeAlerts(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, monitorId, userId }: { orgId: string; monitorId: string; userId: string },
): Promise<AlertsOfWorld> {
  const made = { ruleId: newId(), deliveryId: newId(), webhookId: newId(), installationId: newId() };
  const now = new Date();
  const destination = { kind: 'email', address: 'ada@example.com' };
  await db.alertRule.create({
    data: {
      id: made.ruleId,
      orgId,
      name: 'Tell Ada',
      targetKind: 'monitor',
      targetId: monitorId,
      destination,
      conditions: {},
      createdBy: `member:${userId}`,
    },
  });
  await db.delivery.create({
    data: {
      id: made.deliveryId,
      orgId,
      ruleId: made.ruleId,
      kind: 'test',
      ordinal: 1,
      destination,
      message: {
        kind: 'test',
        organization: { name: 'Acme', slug: `org-${orgId}` },
        ruleName: 'Tell Ada',
        level: 'warn',
        subject: { kind: 'monitor', name: 'Search', path: `/o/org-${orgId}/monitors/${monitorId}` },
        serverName: null,
        title: 'test message',
        lines: ['This is a test.'],
        since: now.toISOString(),
        endedAt: null,
        failureCount: 0,
        incidentId: null,
        links: [{ text: 'Open the rule', path: `/o/org-${orgId}/alerts/rules/${made.ruleId}` }],
        workflowId: null,
        monitorId,
        runId: null,
      },
      state: 'failed',
      attempts: 1,
      error: 'Resend: no.',
      endedAt: now,
    },
  });
  await db.webhook.create({
    data: {
      id: made.webhookId,
      orgId,
      name: 'Pager',
      url: 'http://localhost/hooks/pager',
      queryNames: ['token'],
      secretRef: await secrets.put(orgId, { key: 'whsec_dGVzdC1vZi10aGUtd29ybGQ=', query: { token: 'abcd-efgh' } }),
      createdBy: `member:${userId}`,
    },
  });
  await db.slackInstallation.create({
    data: {
      id: made.installationId,
      orgId,
      teamId: `T${made.installationId}`,
      teamName: 'Acme',
      appId: 'A1',
      botUserId: 'U1',
      scopes: ['chat:write'],
      secretRef: await secrets.put(orgId, { botToken: 'xoxb-of-the-world' }),
      installedBy: `member:${userId}`,
      installedAt: now,
    },
  });
  return made;
}
