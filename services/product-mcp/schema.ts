import { z } from 'zod';
import { connection } from '../../domain/product-mcp/connection.ts';
import { selection } from '../../domain/product-mcp/selection.ts';
import { productSlug } from '../../domain/product-mcp/slug.ts';
import { productModes } from '../../domain/product-mcp/state.ts';
import { givenId } from '../../domain/values/id.ts';
import { longText, nameText } from '../../domain/values/text.ts';

export const productName = nameText('name');

/** `checkAddress` (services/server/address.ts) decides whether this installation may call it. */
const baseUrl = z
  .string()
  .trim()
  .max(2000)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'Enter a URL, such as https://api.example.com/v1.',
  )
  .refine((text) => !URL.canParse(text) || !/[?#]/.test(text), 'Enter the URL without a query or fragment.')
  .refine((text) => {
    const url = URL.parse(text);
    return !url?.username && !url?.password;
  }, 'Enter the URL without user name and password: callers send their own credential.')
  .transform((text) => text.replace(/\/+$/, ''));

export const productRef = z.object({ productMcpId: givenId });

export const createProductInput = z.object({ name: productName, slug: productSlug, baseUrl });

/** Fields left out stay. */
export const editProductInput = productRef.extend({
  name: productName.optional(),
  slug: productSlug.optional(),
  baseUrl: baseUrl.optional(),
});

export const setConnectionInput = productRef.extend({ connection });

export const setProductStateInput = productRef.extend({ state: z.enum(['active', 'paused']) });

/** Fields left out stay. */
export const chooseToolsInput = productRef.extend({
  selection: selection.optional(),
  mode: z.enum(productModes).optional(),
});

const toolName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_]{1,48}$/, 'Use 1 to 48 letters, digits and _.');

export const toolAnnotations = z.object({
  readOnlyHint: z.boolean().exactOptional(),
  destructiveHint: z.boolean().exactOptional(),
  idempotentHint: z.boolean().exactOptional(),
  openWorldHint: z.boolean().exactOptional(),
});
export type ToolAnnotations = z.infer<typeof toolAnnotations>;

/** Null takes what the document says again; fields left out stay. */
export const editToolInput = productRef.extend({
  operation: z.string().max(1000),
  name: toolName.nullable().optional(),
  description: longText('description', 10_000).nullable().optional(),
  isHidden: z.boolean().exactOptional(),
  annotations: toolAnnotations.nullable().optional(),
});
