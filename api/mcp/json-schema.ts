import { z } from 'zod';

export type ObjectSchema = { type: 'object'; [keyword: string]: unknown };

/**
 * JSON Schema (2020-12) of an object, kept short because agents read all of it: ids are opaque strings, and answers
 * stay open so that new members don't break clients that validate them.
 */
export function toObjectSchema(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
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
