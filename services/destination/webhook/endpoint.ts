import { z } from 'zod';
import type { Deps } from '../../context/context.ts';
import { joinUrl } from '../../server/schema.ts';
import { explainUnreadable } from '../../server/secrets.ts';
import { webhookUnreadable } from './errors.ts';

export const webhookSecret = z.object({ key: z.string(), query: z.record(z.string(), z.string()).default({}) });

/** A webhook with its secrets in clear: for memory only. */
export type WebhookEndpoint = { url: string; secret: string };

/** Not a use case. @returns null if the webhook is deleted or of another organization. @throws DeliveryFailure */
export async function readWebhook(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, webhookId }: { orgId: string; webhookId: string },
): Promise<WebhookEndpoint | null> {
  // A concurrent edit destroys the secret that it replaces; then the row names another one.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const row = await db.webhook.findFirst({
      where: { orgId, id: webhookId, archivedAt: null },
      select: { name: true, url: true, secretRef: true },
    });
    if (!row) return null;
    const secret = await explainUnreadable(secrets.get(orgId, row.secretRef), () => webhookUnreadable(row.name));
    if (!secret) continue;
    const { key, query } = webhookSecret.parse(secret);
    return { url: joinUrl(row.url, query), secret: key };
  }
  return null;
}
