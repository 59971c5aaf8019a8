import type { Warning } from '../../../domain/error/error.ts';
import { useCase } from '../../context/use-case.ts';
import { destroySecrets } from '../../server/secrets.ts';
import { webhookNotFound } from './errors.ts';
import { archiveWebhookInput } from './schema.ts';

/**
 * Deletes a webhook and destroys its secrets. Deliveries of the returned `rules`, which still send there, fail until
 * they get another destination. Calling it again retries what failed.
 * @throws ArmatureError `destination_not_found`
 */
export const archiveWebhook = useCase({
  name: 'webhook.archive',
  access: 'admin',
  input: archiveWebhookInput,
  async run(
    { ctx, orgId, db, write, now },
    { webhookId: id },
  ): Promise<{ rules: { id: string; name: string }[]; warnings: Warning[] }> {
    const row = await write(
      async (tx) => {
        const { count } = await tx.webhook.updateMany({
          where: { orgId, id, archivedAt: null },
          data: { archivedAt: now() },
        });
        const webhook = await tx.webhook.findFirst({ where: { orgId, id } });
        if (!webhook) throw webhookNotFound();
        return { ...webhook, isNew: count === 1 };
      },
      ({ name, isNew }) => (isNew ? { subject: id, data: { name } } : null),
    );
    const isGone = await destroySecrets(ctx.deps, orgId, [row.secretRef]);
    const rules = await db.alertRule.findMany({
      where: { orgId, archivedAt: null, destination: { path: ['webhookId'], equals: id } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: 100,
      select: { id: true, name: true },
    });
    const warnings: Warning[] = isGone
      ? []
      : [
          {
            code: 'secrets_not_destroyed',
            message: 'The secrets store is not available. Delete the webhook again later to destroy its secrets.',
          },
        ];
    return { rules, warnings };
  },
});
