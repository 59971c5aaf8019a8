import { z } from 'zod';
import { nameText } from '../../domain/values/text.ts';

/** What servers are called on the status page, by id. */
export const displayNames = z.record(z.uuid(), nameText('display name'));
export type DisplayNames = z.infer<typeof displayNames>;
