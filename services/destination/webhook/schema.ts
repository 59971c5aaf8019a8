import { z } from 'zod';
import { serverUrl } from '../../server/schema.ts';

const webhookName = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  .max(100)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'A name is one line of plain text.');

export const createWebhookInput = z.object({ name: webhookName, url: serverUrl });

/**
 * Fields left out stay. An empty query value in `url` keeps the stored one, as long as the origin stays the same. `rotateSecret`: creates
 * a new signing secret, shown once; the old one is invalid immediately.
 */
export const editWebhookInput = z.object({
  webhookId: z.uuid(),
  name: webhookName.optional(),
  url: serverUrl.optional(),
  rotateSecret: z.literal(true).optional(),
});

export const archiveWebhookInput = z.object({ webhookId: z.uuid() });
