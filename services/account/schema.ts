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
  .max(254, 'An e-mail address has at most 254 characters.')
  .pipe(z.email('Invalid e-mail address. Use a form such as ada@example.com.'));

export const minPasswordLength = 10;
