import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import type { DestinationsView } from './view.ts';
import { toWebhookView } from './webhook/view.ts';

/** The destinations that alerts can be sent to, with the state of each connection; deleted webhooks are left out. */
export const listDestinations = useCase({
  name: 'destination.list',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, actor, config, email, slack }): Promise<DestinationsView> {
    const [installations, webhooks] = await Promise.all([
      db.slackInstallation.findMany({ where: { orgId }, orderBy: [{ teamName: 'asc' }, { id: 'asc' }] }),
      db.webhook.findMany({ where: { orgId, archivedAt: null }, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] }),
    ]);
    return {
      slack: {
        configured: slack.configured,
        installations: installations.map((row) => ({
          id: row.id,
          teamId: row.teamId,
          teamName: row.teamName,
          state: row.state === 'connected' ? 'connected' : 'revoked',
          installedAt: row.installedAt.toISOString(),
          revokedAt: row.revokedAt?.toISOString() ?? null,
        })),
      },
      webhooks: webhooks.map((row) => toWebhookView(row, actor)),
      email: { configured: email.configured, from: config.email.from },
    };
  },
});
