import { type Destination, destination as destinationSchema } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Deps } from '../context/context.ts';
import type { WebhookView } from './webhook/view.ts';

/** Where a rule's messages go, for people. */
export type DestinationView = Destination & {
  /** Such as `#alerts in Acme`, `ada@example.com`, `webhook Pager`. */
  label: string;
  /** Why nothing can be delivered there at the moment, with what to do; null when all is well. */
  problem: string | null;
};

export type SlackInstallationView = {
  id: string;
  teamId: string;
  teamName: string;
  state: 'connected' | 'revoked';
  installedAt: string;
  revokedAt: string | null;
};

export type DestinationsView = {
  slack: {
    /** False: the installation has no Slack app yet. */
    configured: boolean;
    installations: SlackInstallationView[];
  };
  webhooks: WebhookView[];
  /** Not configured: e-mails go to the outbox. */
  email: { configured: boolean; from: string };
};

/** How destinations as rows hold them are shown, by two queries for however many. */
export async function destinationViews(
  { db, email, slack }: Pick<Deps, 'email' | 'slack'> & { db: Pick<Db, 'slackInstallation' | 'webhook'> },
  { orgId, destinations }: { orgId: string; destinations: readonly unknown[] },
): Promise<(destination: unknown) => DestinationView> {
  const all = destinations.map((each) => destinationSchema.parse(each));
  const installationIds = all.flatMap((each) => (each.kind === 'slack' ? [each.installationId] : []));
  const webhookIds = all.flatMap((each) => (each.kind === 'webhook' ? [each.webhookId] : []));
  const [installations, webhooks] = await Promise.all([
    installationIds.length === 0
      ? []
      : db.slackInstallation.findMany({
          where: { orgId, id: { in: installationIds } },
          select: { id: true, teamName: true, state: true },
        }),
    webhookIds.length === 0
      ? []
      : db.webhook.findMany({
          where: { orgId, id: { in: webhookIds } },
          select: { id: true, name: true, archivedAt: true },
        }),
  ]);
  const slackOf = new Map(installations.map((row) => [row.id, row]));
  const webhookOf = new Map(webhooks.map((row) => [row.id, row]));

  const view = (of: Destination): { label: string; problem: string | null } => {
    switch (of.kind) {
      case 'slack': {
        const row = slackOf.get(of.installationId);
        const problem =
          row?.state !== 'connected'
            ? 'This Slack workspace is not connected any more: an admin can connect it again.'
            : slack.configured
              ? null
              : 'Slack is not set up on this installation: its operator has to give the credentials of the Slack app.';
        return { label: `${of.channel} in ${row?.teamName ?? 'a Slack workspace that is gone'}`, problem };
      }
      case 'webhook': {
        const row = webhookOf.get(of.webhookId);
        const isLive = row !== undefined && row.archivedAt === null;
        return {
          label: `webhook ${row?.name ?? 'that is gone'}`,
          problem: isLive ? null : 'This webhook was deleted: choose another destination.',
        };
      }
      case 'email':
        return {
          label: of.address,
          problem: email.configured ? null : 'No e-mail provider is set up: messages go to the outbox.',
        };
    }
  };
  return (given) => {
    const parsed = destinationSchema.parse(given);
    return { ...parsed, ...view(parsed) };
  };
}
