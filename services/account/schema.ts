import { z } from 'zod';
import { toNetwork } from '../context/network.ts';

export const visitInput = z
  .object({
    cookie: z.string(),
    address: z.string(),
    /** The network that attempts are limited by; null if it isn't known. @default the network of the address */
    network: z.string().nullable().optional(),
    userAgent: z.string().transform((text) => text.slice(0, 300)),
  })
  .transform(({ network, ...visit }) => ({
    ...visit,
    network: network === undefined ? toNetwork(visit.address) : network,
  }));

/** The visitor of a request. */
export type Visit = z.input<typeof visitInput>;

export const emailInput = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'An e-mail address has at most 254 characters.')
  .pipe(z.email('Invalid e-mail address. Use a form such as ada@example.com.'));

export const personNameInput = z.string().trim().min(1, 'Enter your name.').max(100);
