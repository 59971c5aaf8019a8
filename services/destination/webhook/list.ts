import { z } from 'zod';
import { useCase } from '../../context/use-case.ts';
import { toWebhookView, type WebhookView } from './view.ts';

/** The webhooks of the workspace, newest first; deleted ones are left out. */
export const listWebhooks = useCase({
  name: 'webhook.list',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId, actor }): Promise<{ webhooks: WebhookView[] }> {
    const rows = await db.webhook.findMany({
      where: { orgId, archivedAt: null },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return { webhooks: rows.map((row) => toWebhookView(row, actor)) };
  },
});
