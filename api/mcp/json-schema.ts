import { z } from 'zod';

export type ObjectSchema = { type: 'object'; [keyword: string]: unknown };

/**
 * The JSON Schema (2020-12) of an object, as short as it can be, since agents read it whole: ids are opaque texts, and answers may get
 * new members without breaking a client that checks them.
 */
export function objectSchema(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override({ jsonSchema }) {
      if (jsonSchema.format === 'uuid') {
        delete jsonSchema.format;
        delete jsonSchema.pattern;
      }
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return { ...rest, type: 'object' };
}
