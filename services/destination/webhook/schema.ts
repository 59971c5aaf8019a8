import { z } from 'zod';
import { serverUrl } from '../../server/schema.ts';

const webhookName = z
  .string()
  .trim()
  .min(1, 'Give the webhook a name.')
  .max(100)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'A name is one line of plain characters.');

export const createWebhookInput = z.object({ name: webhookName, url: serverUrl });

/**
 * What is left out stays. A query value that is empty in `url` keeps the stored one, as long as the address stays at its origin.
 * `rotateSecret`: a new signing secret, shown once; the old one ends at once.
 */
export const editWebhookInput = z.object({
  webhookId: z.uuid(),
  name: webhookName.optional(),
  url: serverUrl.optional(),
  rotateSecret: z.literal(true).optional(),
});

export const archiveWebhookInput = z.object({ webhookId: z.uuid() });
