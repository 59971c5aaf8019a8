import { ArmatureError } from '../../../domain/error/error.ts';
import { newSigningSecret } from '../../channel/webhook/signature.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { checkAddress } from '../../server/address.ts';
import { splitUrl } from '../../server/schema.ts';
import { destroySecrets, withSecrets } from '../../server/secrets.ts';
import { webhookSecret } from './endpoint.ts';
import { requireFreeWebhookName, webhookNotFound } from './errors.ts';
import { editWebhookInput } from './schema.ts';
import { toWebhookView, type WebhookView } from './view.ts';

/**
 * Edits a webhook; pending deliveries go to its new address. `signingSecret`: the new one, null unless it was rotated.
 * @throws ArmatureError `destination_not_found`, `target_blocked`, `validation_failed`, `conflict` (name taken, or
 *   edited concurrently)
 */
export const editWebhook = useCase({
  name: 'webhook.edit',
  access: 'admin',
  input: editWebhookInput,
  async run(
    { ctx, orgId, actor, config, db, secrets, write },
    { webhookId: id, name, url: address, rotateSecret },
  ): Promise<{ webhook: WebhookView; signingSecret: string | null }> {
    if (address !== undefined) checkAddress(config, address);
    const before = await db.webhook.findFirst({ where: { orgId, id, archivedAt: null } });
    if (!before) throw webhookNotFound();
    const secret = await secrets.get(orgId, before.secretRef);
    if (!secret) throw concurrentEdit();
    const stored = webhookSecret.parse(secret);

    const parts = address === undefined ? null : splitUrl(address);
    const query = parts
      ? mergeQuery(parts.query, {
          stored: stored.query,
          moved: new URL(parts.url).origin !== new URL(before.url).origin,
        })
      : stored.query;
    const key = rotateSecret ? newSigningSecret() : stored.key;
    const isNewSecret = parts !== null || rotateSecret === true;
    const put = isNewSecret ? [() => secrets.put(orgId, { key, query })] : [];
    const row = await withSecrets(ctx.deps, orgId, put, ([secretRef]) =>
      write(
        async (tx) => {
          if (name !== undefined) await requireFreeWebhookName(tx, { orgId, name, webhookId: id });
          const [changed] = await tx.webhook.updateManyAndReturn({
            where: { orgId, id, archivedAt: null, secretRef: before.secretRef },
            data: {
              ...(name !== undefined && { name }),
              ...(parts && { url: parts.url, queryNames: Object.keys(query) }),
              ...(secretRef != null && { secretRef }),
            },
          });
          if (!changed) throw concurrentEdit();
          return changed;
        },
        {
          subject: id,
          data: { name, ...(parts && { origin: new URL(parts.url).origin }), secretRotated: rotateSecret === true },
        },
      ),
    );
    if (isNewSecret) await destroySecrets(ctx.deps, orgId, [before.secretRef]);
    return { webhook: toWebhookView(row, actor), signingSecret: rotateSecret ? key : null };
  },
});

type Query = { [name: string]: string };

/** An empty value keeps the stored one, unless the address moved to another origin. */
function mergeQuery(entered: Query, { stored, moved }: { stored: Query; moved: boolean }): Query {
  return Object.fromEntries(
    Object.entries(entered).map(([name, value]) => {
      const old = stored[name];
      if (value !== '' || old === undefined || old === '') return [name, value];
      if (!moved) return [name, old];
      throw validationError([
        { field: 'url', message: `The address has another origin now. Enter the value of "${name}" again.` },
      ]);
    }),
  );
}

const concurrentEdit = (): ArmatureError =>
  new ArmatureError(
    'conflict',
    'Somebody else edited this webhook at the same time.',
    'Open it again and repeat your change.',
  );
