import { newSigningSecret } from '../../channel/webhook/signature.ts';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { checkAddress } from '../../server/address.ts';
import { splitUrl } from '../../server/schema.ts';
import { withSecrets } from '../../server/secrets.ts';
import { requireFreeWebhookName } from './errors.ts';
import { createWebhookInput } from './schema.ts';
import { toWebhookView, type WebhookView } from './view.ts';

/**
 * Creates a webhook that alerts can be posted to. `signingSecret` is shown only once.
 * @throws ArmatureError `target_blocked`, `conflict` (the name)
 */
export const createWebhook = useCase({
  name: 'webhook.create',
  access: 'admin',
  input: createWebhookInput,
  async run(
    { ctx, orgId, actor, config, secrets, write },
    { name, url: address },
  ): Promise<{ webhook: WebhookView; signingSecret: string }> {
    checkAddress(config, address);
    const { url, query } = splitUrl(address);
    const id = newId();
    const signingSecret = newSigningSecret();
    const row = await withSecrets(
      ctx.deps,
      orgId,
      [() => secrets.put(orgId, { key: signingSecret, query })],
      ([secretRef]) =>
        write(
          async (tx) => {
            await requireFreeWebhookName(tx, { orgId, name });
            return tx.webhook.create({
              data: {
                id,
                orgId,
                name,
                url,
                queryNames: Object.keys(query),
                secretRef: secretRef ?? '',
                createdBy: `${actor.kind}:${actor.id}`,
              },
            });
          },
          { subject: id, data: { name, origin: new URL(url).origin } },
        ),
    );
    return { webhook: toWebhookView(row, actor), signingSecret };
  },
});
