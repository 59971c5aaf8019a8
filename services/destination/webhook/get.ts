import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { webhookNotFound, webhookUnreadable } from './errors.ts';
import { toWebhookView, type WebhookView } from './view.ts';

/**
 * One webhook with the rules that send there, newest first, at most 100. `problem`: why nothing can be sent.
 * @throws ArmatureError `destination_not_found`
 */
export const getWebhook = useCase({
  name: 'webhook.get',
  access: 'viewer',
  input: z.object({ webhookId: givenId }),
  async run(
    { db, orgId, actor, secrets },
    { webhookId: id },
  ): Promise<{ webhook: WebhookView & { problem: string | null }; rules: { id: string; name: string }[] }> {
    const row = await db.webhook.findFirst({ where: { orgId, id, archivedAt: null } });
    if (!row) throw webhookNotFound();
    const [readable, rules] = await Promise.all([
      secrets.getReadable(orgId, [row.secretRef]),
      db.alertRule.findMany({
        where: { orgId, archivedAt: null, destination: { path: ['webhookId'], equals: id } },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: 100,
        select: { id: true, name: true },
      }),
    ]);
    const problem = readable.has(row.secretRef) ? null : webhookUnreadable(row.name).message;
    return { webhook: { ...toWebhookView(row, actor), problem }, rules };
  },
});
