import { type Destination, destination as destinationSchema } from '../../domain/notification/rule.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Deps } from '../context/context.ts';
import type { WebhookView } from './webhook/view.ts';

/** A destination for people. */
export type DestinationView = Destination & {
  /** For example `#alerts in Acme`, `ada@example.com`, `webhook Pager`. */
  label: string;
  /** Why nothing can be delivered there now, and what to do; null when it works. */
  problem: string | null;
};

export type SlackInstallationView = {
  id: string;
  teamId: string;
  teamName: string;
  state: 'connected' | 'revoked';
  installedAt: string;
  revokedAt: string | null;
  /** Why nothing can be sent, and what to do. */
  problem: string | null;
};

export type DestinationsView = {
  slack: {
    /** Whether the installation has a Slack app. */
    configured: boolean;
    installations: SlackInstallationView[];
  };
  /** `problem`: why nothing can be sent, and what to do. */
  webhooks: (WebhookView & { problem: string | null })[];
  /** Unless configured, e-mails go to the outbox. */
  email: { configured: boolean; from: string };
};

/** Reads what stored destinations refer to, by two queries. @returns the view of each of them */
export async function createDestinationViews(
  { db, email, slack }: Pick<Deps, 'email' | 'slack'> & { db: Pick<Db, 'slackInstallation' | 'webhook'> },
  { orgId, destinations }: { orgId: string; destinations: readonly unknown[] },
): Promise<(destination: unknown) => DestinationView> {
  const all = destinations.map((stored) => destinationSchema.parse(stored));
  const installationIds = all.flatMap((item) => (item.kind === 'slack' ? [item.installationId] : []));
  const webhookIds = all.flatMap((item) => (item.kind === 'webhook' ? [item.webhookId] : []));
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
  const slackById = new Map(installations.map((row) => [row.id, row]));
  const webhookById = new Map(webhooks.map((row) => [row.id, row]));

  const describe = (destination: Destination): { label: string; problem: string | null } => {
    switch (destination.kind) {
      case 'slack': {
        const row = slackById.get(destination.installationId);
        const problem =
          row?.state !== 'connected'
            ? 'This Slack workspace is disconnected. An admin can connect it again.'
            : slack.configured
              ? null
              : 'Slack is not configured on this installation. The operator sets the credentials of the Slack app.';
        return { label: `${destination.channel} in ${row?.teamName ?? 'a deleted Slack workspace'}`, problem };
      }
      case 'webhook': {
        const row = webhookById.get(destination.webhookId);
        const isLive = row !== undefined && row.archivedAt === null;
        return {
          label: `webhook ${row?.name ?? '(deleted)'}`,
          problem: isLive ? null : 'This webhook is deleted. Choose another destination.',
        };
      }
      case 'email':
        return {
          label: destination.address,
          problem: email.configured ? null : 'No e-mail provider is configured, so messages go to the outbox.',
        };
    }
  };
  return (stored) => {
    const destination = destinationSchema.parse(stored);
    return { ...destination, ...describe(destination) };
  };
}
