import type { AlertMessage } from '../../../domain/notification/message.ts';
import type { DeliveryKind, Destination } from '../../../domain/notification/rule.ts';
import { newSigningSecret } from '../../../services/channel/webhook/signature.ts';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import { toJson } from '../../../services/context/use-case.ts';
import { type TestDeps, type TestDepsOptions, type TestOrg, testDeps, testOrg } from '../setup/context.ts';
import { type FakeService, startFakeService } from './fake-service.ts';

export type Stage = TestDeps & {
  org: TestOrg;
  resend: FakeService;
  slack: FakeService;
  /** Of somebody's webhook. */
  receiver: FakeService;
  webhookSecret: string;
  /** Ids of a connected Slack workspace and of a webhook at `receiver`. */
  installationId: string;
  webhookId: string;
  to: { email: Destination; slack: Destination; webhook: Destination };
  /** A pending delivery of a rule of its own, written directly. */
  pending(destination: Destination, more?: { kind?: DeliveryKind }): Promise<{ deliveryId: string; ruleId: string }>;
};

/** An organization with a destination of each kind, and fakes for the services behind them. */
export async function makeStage({ env, ...options }: TestDepsOptions = {}): Promise<Stage> {
  const [resend, slack, receiver] = await Promise.all([startFakeService(), startFakeService(), startFakeService()]);
  const made = await testDeps({
    ...options,
    env: {
      RESEND_API_KEY: 're_of_the_tests',
      RESEND_URL: resend.url,
      RESEND_WEBHOOK_SECRET: newSigningSecret(),
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'of-the-tests',
      SLACK_SIGNING_SECRET: 'of-the-tests',
      SLACK_API_URL: `${slack.url}/api/`,
      ...env,
    },
  });
  const { deps } = made;
  const org = await testOrg(deps);
  const { orgId } = org;
  const [installationId, webhookId, webhookSecret] = [newId(), newId(), newSigningSecret()];
  await deps.db.slackInstallation.create({
    data: {
      id: installationId,
      orgId,
      teamId: 'T1',
      teamName: 'Acme',
      appId: 'A1',
      botUserId: 'U1',
      scopes: ['chat:write'],
      secretRef: await deps.secrets.put(orgId, { botToken: 'xoxb-of-the-tests' }),
      installedBy: 'system:test',
      installedAt: new Date(),
    },
  });
  await deps.db.webhook.create({
    data: {
      id: webhookId,
      orgId,
      name: 'Pager',
      url: `${receiver.url}/hooks`,
      queryNames: ['token'],
      secretRef: await deps.secrets.put(orgId, { key: webhookSecret, query: { token: 'of-the-address' } }),
      createdBy: 'system:test',
    },
  });
  return {
    ...made,
    org,
    resend,
    slack,
    receiver,
    webhookSecret,
    installationId,
    webhookId,
    to: {
      email: { kind: 'email', address: 'ada@example.com' },
      slack: { kind: 'slack', installationId, channel: '#alerts' },
      webhook: { kind: 'webhook', webhookId },
    },
    pending: (destination, more) => makePending(deps, { orgId, destination, ...more }),
    async close() {
      await made.close();
      await Promise.all([resend.close(), slack.close(), receiver.close()]);
    },
  };
}

async function makePending(
  { db }: Deps,
  { orgId, destination, kind = 'test' }: { orgId: string; destination: Destination; kind?: DeliveryKind },
): Promise<{ deliveryId: string; ruleId: string }> {
  const [ruleId, deliveryId] = [newId(), newId()];
  await db.alertRule.create({
    data: {
      id: ruleId,
      orgId,
      name: `Rule ${ruleId}`,
      targetKind: 'all_monitors',
      destination,
      conditions: {},
      createdBy: 'system:test',
    },
  });
  await db.delivery.create({
    data: { id: deliveryId, orgId, ruleId, kind, ordinal: 1, destination, message: toJson(messageOf(kind)) },
  });
  return { ruleId, deliveryId };
}

export const messageOf = (kind: DeliveryKind): AlertMessage => ({
  kind,
  reason: null,
  organization: { name: 'Acme', slug: 'acme' },
  ruleName: 'Pager',
  level: 'bad',
  subject: { kind: 'monitor', name: 'Search', path: '/o/acme/monitors/1' },
  serverName: 'Shop',
  title: 'Monitor Search fails',
  lines: ['<b>timeout</b> after 30 s'],
  since: '2026-11-21T10:00:00.000Z',
  endedAt: null,
  failureCount: 3,
  incidentId: null,
  links: [{ text: 'Open the incident', path: '/o/acme/incidents/1' }],
  workflowId: null,
  monitorId: null,
  runId: null,
});
