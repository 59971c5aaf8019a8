import { z } from 'zod';

const toolDiff = z.union([
  z.object({
    fields: z.array(
      z.object({
        path: z.string(),
        change: z.string(),
        breaking: z.boolean(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
  }),
  z.object({ before: z.string().nullable(), after: z.string().nullable() }),
]);

/** How a tool changed: the fields of a schema, or a text before and after. Null for what has no difference to show. */
export type ToolDiff = z.infer<typeof toolDiff> | null;

export const readToolDiff = (diff: unknown): ToolDiff => toolDiff.safeParse(diff).data ?? null;
