import { z } from 'zod';
import { toolChangeKinds } from '../../domain/catalog/diff.ts';
import { fieldChangeKinds } from '../../domain/schema/field-change.ts';

/** How a tool changed, as answers show it. Names and values come from the server and are untrusted. */
export const toolChangeSchema = z.strictObject({
  tool: z.string(),
  kind: z.enum(toolChangeKinds),
  breaking: z.boolean(),
  before: z.string().nullable().optional().describe('Of a title or description.'),
  after: z.string().nullable().optional(),
  fields: z
    .array(
      z.strictObject({
        path: z.string(),
        change: z.enum(fieldChangeKinds),
        keyword: z.string().optional(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
        breaking: z.boolean(),
      }),
    )
    .optional()
    .describe('Of a schema or annotations.'),
});
