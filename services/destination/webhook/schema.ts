import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { nameText } from '../../../domain/values/text.ts';
import { serverUrl } from '../../server/schema.ts';

const webhookName = nameText('name');

export const createWebhookInput = z.object({ name: webhookName, url: serverUrl });

/**
 * Absent fields stay unchanged. An empty query value in `url` keeps the stored one, as long as the origin is the same.
 * `rotateSecret` creates a new signing secret, shown once; the old one stops working immediately.
 */
export const editWebhookInput = z.object({
  webhookId: givenId,
  name: webhookName.optional(),
  url: serverUrl.optional(),
  rotateSecret: z.literal(true).optional(),
});

export const archiveWebhookInput = z.object({ webhookId: givenId });
