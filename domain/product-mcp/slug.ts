import { z } from 'zod';

/** The last part of the address of a Product MCP. */
export const productSlug = z
  .string()
  .trim()
  .min(2, 'Use at least 2 characters.')
  .max(80, 'Use at most 80 characters.')
  .regex(/^[a-z0-9_-]+$/, 'Use lower-case letters, digits, - and _, such as shop-api.');
