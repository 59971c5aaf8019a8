import { z } from 'zod';
import type { Visit } from '../../infra/auth/index.ts';

export type { Visit } from '../../infra/auth/index.ts';

export const visitInput: z.ZodType<Visit> = z.object({
  cookie: z.string(),
  address: z.string(),
  userAgent: z.string().transform((text) => text.slice(0, 300)),
});

export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'That is too long for an e-mail address.')
  .pipe(z.email('That is not an e-mail address.'));

export const minPasswordLength = 10;
