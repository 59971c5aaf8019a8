import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { tokenUnreadable } from './slack/bot-token.ts';
import type { DestinationsView } from './view.ts';
import { webhookUnreadable } from './webhook/errors.ts';
import { toWebhookView } from './webhook/view.ts';

/** The destinations that alerts can be sent to, with the state of each connection; deleted webhooks are left out. */
export const listDestinations = useCase({
  name: 'destination.list',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, actor, config, email, secrets, slack }): Promise<DestinationsView> {
    const [installations, webhooks] = await Promise.all([
      db.slackInstallation.findMany({ where: { orgId }, orderBy: [{ teamName: 'asc' }, { id: 'asc' }] }),
      db.webhook.findMany({ where: { orgId, archivedAt: null }, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] }),
    ]);
    const live = installations.filter(({ state }) => state === 'connected');
    const refs = [...live, ...webhooks].flatMap(({ secretRef }) => secretRef ?? []);
    const readable = await secrets.getReadable(orgId, refs);
    const isReadable = (ref: string | null) => ref === null || readable.has(ref);
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
          problem:
            row.state === 'connected' && !isReadable(row.secretRef) ? tokenUnreadable(row.teamName).message : null,
        })),
      },
      webhooks: webhooks.map((row) => ({
        ...toWebhookView(row, actor),
        problem: isReadable(row.secretRef) ? null : webhookUnreadable(row.name).message,
      })),
      email: { configured: email.configured, from: config.email.from },
    };
  },
});
