import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { productRef } from '../schema.ts';

export const documentRef = productRef.extend({ documentId: givenId });

/** Bytes of a document that is uploaded or read from an address. */
export const maxDocumentBytes = 16 * 1024 * 1024;

/** The text of a document, or the address to read it from. */
export const uploadDocumentInput = productRef.extend({
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string().min(1, 'Choose a file.').max(maxDocumentBytes) }),
    z.object({
      kind: z.literal('url'),
      url: z
        .string()
        .trim()
        .min(1, 'Enter the address of the document.')
        .max(4000)
        .refine((text) => URL.canParse(text), 'Enter a URL, such as https://api.example.com/openapi.json.'),
    }),
  ]),
});

/** `origins`: beside that of the base URL, which operations of this version may call. */
export const activateDocumentInput = documentRef.extend({ origins: z.array(z.url().max(300)).max(50).default([]) });

export const compareDocumentsInput = productRef.extend({
  /** @default the active version */
  beforeId: givenId.optional(),
  afterId: givenId,
});
