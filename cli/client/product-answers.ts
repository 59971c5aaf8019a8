import { z } from 'zod';

/** As `answers.ts`, of Product MCPs. */
const text = z.string();

export const productAnswer = z.looseObject({
  id: text,
  slug: text,
  name: text,
  state: text,
  url: text,
  document: z.looseObject({ id: text, number: z.number() }).nullable(),
});

export const productsAnswer = z.looseObject({ rows: z.array(productAnswer), nextCursor: text.nullable() });

export const documentAnswer = z.looseObject({
  document: z.looseObject({ id: text, number: z.number() }),
  report: z.looseObject({
    toolCount: z.number(),
    refused: z.array(z.looseObject({ key: text, message: text })),
  }),
});

export const comparisonOfDocuments = z.looseObject({
  changes: z.array(z.looseObject({ tool: text, kind: text, breaking: z.boolean() })),
});
