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
 * Absent fields stay unchanged. An empty query value in `url` keeps the stored one, as long as the origin is the same.
 * `rotateSecret` creates a new signing secret, shown once; the old one stops working immediately.
 */
export const editWebhookInput = z.object({
  webhookId: z.uuid(),
  name: webhookName.optional(),
  url: serverUrl.optional(),
  rotateSecret: z.literal(true).optional(),
});

export const archiveWebhookInput = z.object({ webhookId: z.uuid() });
