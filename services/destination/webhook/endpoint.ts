import { z } from 'zod';
import type { Deps } from '../../context/context.ts';
import { joinUrl } from '../../server/schema.ts';

export const webhookSecret = z.object({ key: z.string(), query: z.record(z.string(), z.string()).default({}) });

/** A webhook that isn't deleted with its secrets in clear: for memory only. */
export type WebhookEndpoint = { url: string; secret: string };

/** Reads a webhook. Not a use case. @returns null when it is deleted, or isn't this organization's. @throws SecretsKeyError */
export async function readWebhook(
  { db, secrets }: Pick<Deps, 'db' | 'secrets'>,
  { orgId, webhookId }: { orgId: string; webhookId: string },
): Promise<WebhookEndpoint | null> {
  // A concurrent edit destroys the secret that it replaces; then the row names another one.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const row = await db.webhook.findFirst({
      where: { orgId, id: webhookId, archivedAt: null },
      select: { url: true, secretRef: true },
    });
    if (!row) return null;
    const found = await secrets.get(orgId, row.secretRef);
    if (!found) continue;
    const { key, query } = webhookSecret.parse(found);
    return { url: joinUrl(row.url, query), secret: key };
  }
  return null;
}
